"""What is Iranian about people and numbers: national codes, mobiles, names, letters, dates, and their form fields."""
