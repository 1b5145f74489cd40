"""GPT-2 from scratch and pretrained models with adapters and chat formats; knows of no task."""
