"""Makes the networks beside it as Keras 2 saves them, and what they answer, worked out with NumPy.

Usage: python3 make_keras.py (needs h5py and numpy)
"""

import json

import h5py
import numpy as np

H, W, C, FILTERS, CLASSES = 6, 5, 3, 4, 3
rng = np.random.default_rng(1)
kernel = rng.normal(size=(3, 3, C, FILTERS)).astype("float32")
bias = rng.normal(size=FILTERS).astype("float32")
gamma, beta, mean = (rng.normal(size=FILTERS).astype("float32") for _ in range(3))
variance = rng.uniform(0.5, 2, size=FILTERS).astype("float32")
dense = rng.normal(scale=0.3, size=(2 * 1 * FILTERS, CLASSES)).astype("float32")
dense_bias = rng.normal(size=CLASSES).astype("float32")


def answer(pixels):
    """pixels: H x W x C, as Keras reads them."""
    maps = np.zeros((H - 2, W - 2, FILTERS))
    for y in range(H - 2):
        for x in range(W - 2):
            maps[y, x] = np.tensordot(pixels[y : y + 3, x : x + 3], kernel, 3) + bias
    maps = (maps - mean) / np.sqrt(variance + 1e-3) * gamma + beta
    maps = np.maximum(maps, 0)
    pooled = np.zeros((2, 1, FILTERS))
    for y in range(2):
        pooled[y, 0] = maps[2 * y : 2 * y + 2, 0:2].max(axis=(0, 1))
    scores = pooled.reshape(-1) @ dense + dense_bias
    shares = np.exp(scores - scores.max())
    return shares / shares.sum()


def layer(kind, name, **config):
    return {"class_name": kind, "config": {"name": name, "trainable": True, "dtype": "float32", **config}}


zeros = {"class_name": "Zeros", "config": {}}
ones = {"class_name": "Ones", "config": {}}
uniform = {"class_name": "GlorotUniform", "config": {"seed": None}}
none = {k: None for k in ("kernel_regularizer", "bias_regularizer", "activity_regularizer", "kernel_constraint", "bias_constraint")}
config = {
    "class_name": "Sequential",
    "config": {
        "name": "sequential",
        "layers": [
            layer(
                "Conv2D", "conv", batch_input_shape=[None, H, W, C], filters=FILTERS, kernel_size=[3, 3], strides=[1, 1],
                padding="valid", data_format="channels_last", dilation_rate=[1, 1], activation="linear", use_bias=True,
                kernel_initializer=uniform, bias_initializer=zeros, **none),
            layer(
                "BatchNormalization", "norm", axis=[3], momentum=0.99, epsilon=1e-3, center=True, scale=True,
                beta_initializer=zeros, gamma_initializer=ones, moving_mean_initializer=zeros,
                moving_variance_initializer=ones, beta_regularizer=None, gamma_regularizer=None, beta_constraint=None,
                gamma_constraint=None),
            layer("Activation", "relu", activation="relu"),
            layer("MaxPooling2D", "pool", pool_size=[2, 2], padding="valid", strides=[2, 2], data_format="channels_last"),
            layer("Flatten", "flatten", data_format="channels_last"),
            layer(
                "Dense", "scores", units=CLASSES, activation="softmax", use_bias=True, kernel_initializer=uniform,
                bias_initializer=zeros, **none),
        ],
    },
}
# The same as a functional model.
row = config["config"]["layers"]
functional = {
    "class_name": "Functional",
    "config": {
        "name": "functional",
        "layers": [
            {
                "class_name": "InputLayer",
                "name": "picture",
                "inbound_nodes": [],
                "config": {"batch_input_shape": [None, H, W, C], "dtype": "float32", "sparse": False, "name": "picture"},
            }
        ]
        + [
            {**part, "name": part["config"]["name"], "inbound_nodes": [[[before, 0, 0, {}]]]}
            for part, before in zip(row, ["picture"] + [part["config"]["name"] for part in row])
        ],
        "input_layers": [["picture", 0, 0]],
        "output_layers": [["scores", 0, 0]],
    },
}
with_lambda = {**config, "config": {**config["config"], "layers": row[:3] + [layer("Lambda", "pool", function="x")] + row[4:]}}
training = {
    "optimizer_config": {"class_name": "SGD", "config": {"name": "SGD", "learning_rate": 0.01}},
    "loss": "categorical_crossentropy",
    "metrics": ["accuracy"],
}
weights = {
    "conv": {"kernel:0": kernel, "bias:0": bias},
    "norm": {"gamma:0": gamma, "beta:0": beta, "moving_mean:0": mean, "moving_variance:0": variance},
    "relu": {},
    "pool": {},
    "flatten": {},
    "scores": {"kernel:0": dense, "bias:0": dense_bias},
}


def save(path, model, weights, trained=None):
    with h5py.File(path, "w") as file:
        file.attrs["keras_version"] = "2.4.0"
        file.attrs["backend"] = "tensorflow"
        file.attrs["model_config"] = json.dumps(model)
        if trained:
            file.attrs["training_config"] = json.dumps(trained)
        group = file.create_group("model_weights")
        group.attrs["layer_names"] = [name.encode() for name in weights]
        group.attrs["backend"] = "tensorflow"
        group.attrs["keras_version"] = "2.4.0"
        for name, arrays in weights.items():
            part = group.create_group(name)
            part.attrs["weight_names"] = [f"{name}/{array}".encode() for array in arrays]
            for array, values in arrays.items():
                part.create_dataset(f"{name}/{array}", data=values)


save("small-cnn.h5", config, weights)
save("small-cnn-trained.h5", config, weights, training)
save("small-cnn-functional.h5", functional, weights)
save("lambda.h5", with_lambda, weights)

# Two branches side by side, a sum, and the mean of each map.
paths = {name: rng.normal(size=(1, 1, C, 2)).astype("float32") for name in ("left", "right")}
after = rng.normal(size=(4, CLASSES)).astype("float32")


def branches_answer(pixels):
    both = np.concatenate([pixels @ paths["left"][0, 0], pixels @ paths["right"][0, 0]], axis=-1)
    scores = (both + np.maximum(both, 0)).mean(axis=(0, 1)) @ after + dense_bias
    shares = np.exp(scores - scores.max())
    return shares / shares.sum()


def pointwise(name):
    return layer(
        "Conv2D", name, filters=2, kernel_size=[1, 1], strides=[1, 1], padding="valid", data_format="channels_last",
        dilation_rate=[1, 1], activation="linear", use_bias=False, kernel_initializer=uniform, bias_initializer=zeros, **none)


def node(part, *before):
    return {**part, "name": part["config"]["name"], "inbound_nodes": [[[name, 0, 0, {}] for name in before]]}


branches = {
    "class_name": "Functional",
    "config": {
        "name": "branches",
        "layers": [
            functional["config"]["layers"][0],
            node(pointwise("left"), "picture"),
            node(pointwise("right"), "picture"),
            node(layer("Concatenate", "both", axis=-1), "left", "right"),
            node(layer("Activation", "relu", activation="relu"), "both"),
            node(layer("Add", "sum"), "both", "relu"),
            node(layer("GlobalAveragePooling2D", "mean", data_format="channels_last"), "sum"),
            node(row[-1], "mean"),
        ],
        "input_layers": [["picture", 0, 0]],
        "output_layers": [["scores", 0, 0]],
    },
}
branch_weights = {
    "left": {"kernel:0": paths["left"]},
    "right": {"kernel:0": paths["right"]},
    "both": {},
    "relu": {},
    "sum": {},
    "mean": {},
    "scores": {"kernel:0": after, "bias:0": dense_bias},
}
save("branches.h5", branches, branch_weights)

# The picture of the test: C x H x W, counted up.
picture = np.arange(C * H * W).reshape(C, H, W) / 90 - 0.5
print("answer:", ", ".join(f"{share:.7f}" for share in answer(picture.transpose(1, 2, 0))))
print("branches:", ", ".join(f"{share:.7f}" for share in branches_answer(picture.transpose(1, 2, 0))))
