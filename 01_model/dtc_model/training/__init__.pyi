from .train import train_models as train_models
