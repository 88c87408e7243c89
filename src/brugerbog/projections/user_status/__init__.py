"""How many users have which status, placement and means?"""
