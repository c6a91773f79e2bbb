"""Person crops in, attribute probabilities out; what a model file says about itself."""
