"""Who are the organisation's users, and what is recorded of each?"""
