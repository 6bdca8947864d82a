"""A plain SessionWizardView with three steps: contact, code, identity."""
