"""Two peers of the portal, as small as they can be: only what `make bench` compares with. No part of the product.

`wizard` is a plain SessionWizardView after formtools' documentation; `phone_signup` is django-allauth's sign-up with a
phone. Both ask for what the three-step registration asks for, at settings that make them as fast as settings can: kept
connections, sessions in Redis through one kept client, cached templates, the portal's Argon2id. What costs the portal
more is left out in their favour: cities and countries are typed, the answer to the question is no slow hash, nobody
checks the identity, codes come without a provider. They run in an environment of their own (requirements-peers.txt).
"""
