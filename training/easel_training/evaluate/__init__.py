"""What the trained model can do, measured on fresh prompts and fresh renders.

    prompts.py    seen and held-out prompts with what they ask for
    draw.py       pictures of prompts, by the C++ engine or by PyTorch
    judge.py      recognition, obedience, Fréchet distance, precision and recall, in the judge's features
    report.py     all measures of one model, as JSON, plots and sheets
"""
