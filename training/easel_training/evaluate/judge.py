"""Measures in the features of the judge, a classifier trained on the renderer's own pictures."""
import numpy as np
import torch

from ..train.autoencoder import to_network


class Judge:
    def __init__(self, network, subjects, styles, device, precision="float32"):
        self.network, self.device, self.precision = network, device, precision
        self.subjects = {key: i for i, key in enumerate(subjects)}
        self.styles = {key: i for i, key in enumerate(styles)}

    @torch.no_grad()
    def _run(self, pictures, function):
        out = []
        enabled = self.precision != "float32"
        for i in range(0, len(pictures), 64):
            with torch.autocast(self.device.type, torch.bfloat16, enabled=enabled):
                out.append(function(to_network(np.ascontiguousarray(pictures[i:i + 64]), self.device)))
        return out

    def features(self, pictures):
        """float64 [N, D], the means of the last features."""
        width = self.network.style.in_features
        return torch.cat([f[:, :width].float() for f in self._run(pictures, self.network.pooled)]).cpu().double().numpy()

    def places(self, pictures):
        """Features that also know where things are: float64 [N, 5 D]."""
        return torch.cat([f.float() for f in self._run(pictures, self.network.pooled)]).cpu().double().numpy()

    def recognition(self, pictures, prompts):
        """Shares of pictures whose subject (top-1, top-5) and style are recognised as asked."""
        logits = self._run(pictures, self.network)
        subject, style = (torch.cat([pair[k].float() for pair in logits]).cpu() for k in (0, 1))
        want = torch.tensor([[self.subjects[p.spec.subject], self.styles[p.style]] for p in prompts])
        best = subject.topk(min(5, subject.shape[1]), 1).indices
        return {"subject top-1": float((best[:, 0] == want[:, 0]).float().mean()),
                "subject top-5": float((best == want[:, :1]).any(1).float().mean()),
                "style top-1": float((style.argmax(1) == want[:, 1]).float().mean())}

    def obeyed(self, pictures, prompts, alternatives, renderer, renders=6):
        """Share of pictures that look most like renders of what was asked, among renders of the alternatives."""
        hits = 0
        features = self.places(pictures)
        for i, prompt in enumerate(prompts):
            specs = alternatives(prompt.spec)
            means = []
            for spec in specs:
                drawn = np.stack([renderer.paint(spec, prompt.style, np.random.default_rng([i, k])) for k in range(renders)])
                means.append(self.places(drawn).mean(0))
            distances = ((np.stack(means) - features[i]) ** 2).sum(1)
            hits += specs[int(distances.argmin())] == prompt.spec
        return hits / len(prompts)


def frechet(a, b):
    """Fréchet distance of two sets of features [N, D]."""
    mean = ((a.mean(0) - b.mean(0)) ** 2).sum()
    ca, cb = np.cov(a, rowvar=False), np.cov(b, rowvar=False)
    values, vectors = np.linalg.eigh(ca)
    root = (vectors * np.sqrt(np.clip(values, 0, None))) @ vectors.T
    cross = np.sqrt(np.clip(np.linalg.eigvalsh(root @ cb @ root), 0, None)).sum()
    return float(mean + np.trace(ca) + np.trace(cb) - 2 * cross)


def precision_recall(real, drawn, k=3):
    """Improved precision and recall (Kynkäänniemi et al. 2019) of drawn features against real ones."""
    def distances(a, b):
        return np.sqrt(np.clip((a ** 2).sum(1)[:, None] + (b ** 2).sum(1)[None] - 2 * a @ b.T, 0, None))

    def covered(manifold, points):
        radius = np.sort(distances(manifold, manifold), 1)[:, k]
        return float((distances(points, manifold) <= radius[None]).any(1).mean())
    return covered(real, drawn), covered(drawn, real)
