"""OAuth 2 and OpenID Connect as the specifications have them: Authlib knows the grammar, the rows are ours."""
