"""django-allauth's sign-up: one page with everything, then the code that its phone verification sends."""
