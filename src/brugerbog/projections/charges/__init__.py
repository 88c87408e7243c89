"""What is the organisation invoiced for, and to which EAN?"""
