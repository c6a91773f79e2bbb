"""torch -> one self-contained ONNX file that explains itself."""
