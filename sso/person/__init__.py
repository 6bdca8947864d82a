"""What a service learns of a person: attributes, levels of sign-in, and what the person has agreed to."""
