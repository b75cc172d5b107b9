"""Infrastructure as code: plans, and the policies that judge them."""
