"""The autoencoder stage: pictures -> latents -> pictures."""
import numpy as np
import torch
import torch.nn.functional as F

from .. import config as configs
from ..data import Dataset
from ..networks.autoencoder import AutoencoderKL
from ..networks.discriminator import PatchDiscriminator
from .loop import Stage

HELD_BACK = 256  # pictures of the first shard that are only measured


def differences(x):
    """Differences between vertical and horizontal neighbours."""
    return x[..., 1:, :] - x[..., :-1, :], x[..., :, 1:] - x[..., :, :-1]


def to_network(pictures, device):
    """uint8 [N, H, W, 3] -> float [N, 3, H, W] in [-1, 1]."""
    return torch.from_numpy(pictures).to(device).permute(0, 3, 1, 2).float() / 127.5 - 1


def psnr(a, b):
    """Mean over pictures of the peak signal to noise ratio, pictures in [-1, 1]."""
    error = ((a.clamp(-1, 1) - b) ** 2).mean((1, 2, 3)) / 4
    return float((-10 * torch.log10(error)).mean())


class AutoencoderStage(Stage):
    """L1, L2, L1 of differences and KL; the YAML may add a perceptual and an adversarial term.

    The first part of the training may see small crops (`crop`): many more steps in the same time.
    """

    name = "autoencoder"

    def __init__(self, config, folder, device):
        section = config["autoencoder"]
        settings = configs.fingerprint(config["pictures"]["pixels"], section["network"])
        super().__init__(config, section, device, {"autoencoder": AutoencoderKL(**section["network"])}, settings)
        self.network = self.networks["autoencoder"]
        self.moments, self.decode = self.compiled(self.network.moments), self.compiled(self.network.decode)
        self.prepare_data(folder)
        self.perceptual = self._perceptual_network(folder) if section["losses"].get("perceptual") else None
        self.adversary = Adversary(section, device) if section["losses"].get("adversarial") else None

    def prepare_data(self, folder):
        """Opens the data set."""
        self.data = Dataset(folder + "/data")
        if not self.data.shards:
            raise SystemExit(f"no data in {folder}/data: run the data stage first")
        self.visible, self.held_back = len(self.data), self.section.get("held_back", HELD_BACK)

    def _perceptual_network(self, folder):
        from .classifier import trained
        return trained(self.config, folder, self.device, "perceptual")

    def decide(self, progress):
        self.data.refresh()
        crop = self.section.get("crop")
        return {**super().decide(progress), "shards": len(self.data.shards), "crop": bool(crop) and progress < crop["until"],
                "adversarial": progress >= self.section.get("adversarial_from", 0.5)}

    def adopt(self, decisions):
        super().adopt(decisions)
        self.data.refresh(decisions["shards"])
        self.visible = sum(len(shard) for shard in self.data.shards[:decisions["shards"]])
        self.crop = self.section["crop"] if decisions["crop"] else None
        self.fooling = self.adversary is not None and decisions["adversarial"]

    def batch(self, numbers):
        """Random training pictures, or crops of them, as the network wants them."""
        size = (self.crop or self.section)["batch"]
        pictures = self.data.pictures(numbers.integers(self.held_back, self.visible, size))
        if self.crop:
            side, grid = self.crop["pixels"], self.crop.get("grid", 1)  # textures have their phase on a grid: crops keep it
            corners = grid * numbers.integers(0, (pictures.shape[1] - side) // grid + 1, (size, 2))
            pictures = np.stack([p[y:y + side, x:x + side] for p, (y, x) in zip(pictures, corners)])
        return to_network(pictures, self.device)

    def step(self, step):
        numbers, generator = self.generators(step)
        x = self.batch(numbers)
        with self.autocast():
            mean, logvar = self.moments(x)
            mean, logvar = mean.float(), logvar.float().clamp(-20, 10)
            noise = torch.randn(mean.shape, generator=generator).to(self.device)
            y = self.decode(mean + torch.exp(0.5 * logvar) * noise)
        y, weights = y.float(), self.section["losses"]
        l1 = (y - x).abs().mean()
        detail = sum((a - b).abs().mean() for a, b in zip(differences(y), differences(x)))
        l2 = F.mse_loss(y, x)
        kl = 0.5 * (mean ** 2 + logvar.exp() - 1 - logvar).mean()
        loss = weights["l1"] * l1 + weights["l2"] * l2 + weights["detail"] * detail + weights["kl"] * kl
        numbers_to_log = {"l1": l1, "kl": kl}
        if self.perceptual is not None:
            with self.autocast():
                numbers_to_log["perceptual"] = self.perceptual.distance(x, y)
            loss = loss + weights["perceptual"] * numbers_to_log["perceptual"]
        if self.fooling:
            numbers_to_log["critic"] = self.adversary.learn(x, y.detach(), self.autocast)
            with self.autocast():
                numbers_to_log["fooled"] = -self.adversary.critic(y).float().mean()
            loss = loss + weights["adversarial"] * numbers_to_log["fooled"]
        return loss, numbers_to_log

    def more_state(self):
        return self.adversary.state() if self.adversary else {}

    def load_more_state(self, state):
        if self.adversary:
            self.adversary.load(state)

    @torch.no_grad()
    def measure(self):
        average = self.averages["autoencoder"]
        out = []
        for i in range(0, self.held_back, 16):
            x = to_network(self.data.pictures(range(i, i + 16)), self.device)
            with self.autocast():
                y = average.decode(average.moments(x)[0])
            out.append(psnr(y.float(), x))
        return {"psnr": sum(out) / len(out)}


class Adversary:
    """The patch discriminator and its own optimizer (hinge loss)."""

    def __init__(self, section, device):
        self.critic = PatchDiscriminator(section.get("critic_width", 64)).to(device)
        self.optimizer = torch.optim.AdamW(self.critic.parameters(), lr=section["learning_rate"], betas=(0.5, 0.9), weight_decay=0.0)

    def learn(self, real, fake, autocast):
        """One step of telling pictures from reconstructions; returns the loss."""
        with autocast():
            on_real, on_fake = self.critic(real).float(), self.critic(fake).float()
        loss = F.relu(1 - on_real).mean() + F.relu(1 + on_fake).mean()
        self.optimizer.zero_grad(set_to_none=True)
        loss.backward()
        self.optimizer.step()
        return loss.detach()

    def state(self):
        return {"critic": self.critic.state_dict(), "critic_optimizer": self.optimizer.state_dict()}

    def load(self, state):
        self.critic.load_state_dict(state["critic"])
        self.optimizer.load_state_dict(state["critic_optimizer"])
