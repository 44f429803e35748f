"""A second reading of the domain: plain Python, slow, without Django and without a line of the product.

The product's tests compare the real door with this model; it is written from the domain's text alone
and must never import the product.
"""
