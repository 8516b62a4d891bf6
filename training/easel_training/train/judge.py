"""The judge of the second generation: subjects and styles, learnt only from hands that the model never saw."""
from .classifier import ClassifierStage


def pictures(config):
    """The `pictures` part that the judge's data are drawn from: one kind of subject a picture, by the judge's hands."""
    return {**config["pictures"], "hands": "judge", "pixels": config["judge"]["pixels"], "kinds": config["judge"]["kinds"]}


def class_names(config):
    """(subjects, styles) in the order of the judge's outputs."""
    from ..scenery.render import keys
    return keys(pictures(config)), list(config["pictures"]["styles"])


class JudgeStage(ClassifierStage):
    """A classifier on <run>/judge-data."""

    data_folder, section_name = "judge-data", "judge"

    def class_names(self, config):
        return class_names(config)
