"""GPT-2 from scratch and pretrained models with chat formats; knows of no task or training."""
