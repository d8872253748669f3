"""The line the product stands on: no part that detects, encodes or matches faces, and no way to an image library."""

from __future__ import annotations

import ast
import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
SOURCES = sorted((ROOT / "src").rglob("*.py"))

#: Modules that open images or find, encode or compare faces. None may be imported by Countersign's own code.
FORBIDDEN_MODULES = {
    "PIL", "cv2", "skimage", "imageio", "dlib", "face_recognition", "insightface", "deepface", "facenet_pytorch",
    "mtcnn", "retinaface", "mediapipe", "torch", "torchvision", "tensorflow", "keras", "onnx", "onnxruntime", "faiss",
    "hnswlib", "annoy", "timm", "kornia",
}  # fmt: skip
#: Packages that must not stand in a lock, even indirectly. (Pillow comes with the PDF reader and is never imported.)
FORBIDDEN_PACKAGES = {name.lower() for name in FORBIDDEN_MODULES - {"PIL"}} | {
    "opencv-python", "opencv-python-headless", "face-recognition", "facenet-pytorch", "faiss-cpu", "scikit-image",
}  # fmt: skip


def imports(path: Path) -> set[str]:
    found: set[str] = set()
    for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
        if isinstance(node, ast.Import):
            found |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and node.level == 0:
            found.add(node.module.split(".")[0])
    return found


def test_no_module_imports_an_image_or_face_library() -> None:
    assert len(SOURCES) > 10
    for path in SOURCES:
        assert not imports(path) & FORBIDDEN_MODULES, path


def test_no_lock_holds_a_vision_package() -> None:
    for lock in (ROOT / "requirements").glob("*.lock"):
        names = set(re.findall(r"^([a-z0-9._-]+)(?:\[.*\])?==", lock.read_text(encoding="utf-8"), re.MULTILINE))
        assert not names & FORBIDDEN_PACKAGES, lock.name


def test_no_weights_or_images_of_people_are_shipped() -> None:
    allowed_pictures = {ROOT / "docs" / "images"}
    for path in (ROOT / "src").rglob("*"):
        assert path.suffix.lower() not in {".onnx", ".pt", ".pth", ".h5", ".tflite", ".caffemodel", ".pb", ".npy"}, path
        if path.suffix.lower() in {".png", ".jpg", ".jpeg", ".webp", ".gif", ".heic", ".bmp", ".tif", ".tiff"}:
            assert path.parent in allowed_pictures, path
