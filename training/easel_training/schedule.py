"""latent-diffusion's noise schedule."""
import torch

TIMESTEPS, LINEAR_START, LINEAR_END = 1000, 0.00085, 0.012


def alphas_cumprod():
    """Signal power left at every timestep: [1000], float64."""
    betas = torch.linspace(LINEAR_START ** 0.5, LINEAR_END ** 0.5, TIMESTEPS, dtype=torch.float64) ** 2
    return torch.cumprod(1 - betas, 0)
