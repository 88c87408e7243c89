"""Which imported users wait under "Importerede brugere" to be sent to activation?"""
