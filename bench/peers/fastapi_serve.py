"""Our causal transformer behind FastAPI and PyTorch, as a user who knows both would serve it.

    python fastapi_serve.py weights.safetensors vocabulary.json --heads 2 --threads 1 [--batched]

Answers POST /recommend {"events": ["i1", "i2"], "k": 20} with {"items": [{"item": "i9", "score": 1.2}]}: the items of the session are left out.
It prints the port that it listens at on its first line. `--batched` scores requests that come together in one batch, as our server does; without it each is
scored by itself in a thread of the pool, which is what FastAPI does with a plain function.
"""

import argparse
import asyncio
import json
import socket

import torch
import uvicorn
from fastapi import FastAPI
from pydantic import BaseModel
from safetensors.torch import load_file
from torch import nn

from torch_step import FIRST_ITEM, PADDING, Layer

MOST_TOGETHER = 32
NAMES = {"attention.qkv": "qkv", "attention.out": "out", "feed_forward.in": "expand", "feed_forward.out": "contract"}


class Recommender(nn.Module):
    def __init__(self, weights, heads):
        super().__init__()
        self.items, self.positions = weights.pop("item.weight"), weights.pop("positions.weight")
        width = self.items.shape[1]
        layers = 1 + max(int(name.split(".")[1]) for name in weights if name.startswith("layers."))
        self.layers = nn.ModuleList(Layer(width, heads, 0.0, "sdpa") for _ in range(layers))
        self.norm = nn.LayerNorm(width)
        self.load_state_dict({renamed(name): value for name, value in weights.items()})
        self.eval()

    @torch.inference_mode()
    def recommend(self, sessions, most):
        """sessions: lists of rows of the item table → the best scores and columns, each [sessions, most]."""
        time = len(self.positions)
        latest = [session[-time:] for session in sessions]
        length = max(len(session) for session in latest)
        ids = torch.full((len(latest), length), PADDING)
        for row, session in enumerate(latest):
            ids[row, : len(session)] = torch.tensor(session)
        mask = torch.ones(length, length, dtype=torch.bool).tril() & (ids != PADDING)[:, None, None, :]
        x = self.items[ids] + self.positions[:length]
        for layer in self.layers:
            x = layer(x, mask)
        last = torch.tensor([len(session) - 1 for session in latest])
        hidden = self.norm(x[torch.arange(len(latest)), last])
        scores = hidden @ self.items[FIRST_ITEM:].T
        for row, session in enumerate(sessions):
            scores[row, torch.tensor(session) - FIRST_ITEM] = -torch.inf
        return scores.topk(most)


def renamed(name):
    for ours, theirs in NAMES.items():
        name = name.replace(ours, theirs)
    return name


class Asked(BaseModel):
    events: list[str]
    k: int = 10


def application(model, vocabulary, batched):
    row_of = {item: FIRST_ITEM + at for at, item in enumerate(vocabulary)}
    app = FastAPI()

    def answers(asked):
        sessions = [[row_of[item] for item in each.events if item in row_of] for each in asked]
        scores, columns = model.recommend(sessions, max(each.k for each in asked))
        return [
            {"items": [{"item": vocabulary[column], "score": score} for score, column in zip(row_scores[: each.k], row[: each.k])]}
            for each, row_scores, row in zip(asked, scores.tolist(), columns.tolist())
        ]

    if not batched:

        @app.post("/recommend")
        def alone(asked: Asked):
            return answers([asked])[0]

        return app

    waiting = asyncio.Queue()

    async def score_together():
        while True:
            calls = [await waiting.get()]
            while len(calls) < MOST_TOGETHER and not waiting.empty():
                calls.append(waiting.get_nowait())
            found = await asyncio.to_thread(answers, [asked for asked, _ in calls])
            for (_, future), answer in zip(calls, found):
                if not future.cancelled():
                    future.set_result(answer)

    app.state.scoring = None

    @app.post("/recommend")
    async def together(asked: Asked):
        if app.state.scoring is None:
            app.state.scoring = asyncio.create_task(score_together())
        future = asyncio.get_running_loop().create_future()
        waiting.put_nowait((asked, future))
        return await future

    return app


def main():
    parser = argparse.ArgumentParser()
    parser.add_argument("weights")
    parser.add_argument("vocabulary")
    parser.add_argument("--heads", type=int, required=True)
    parser.add_argument("--threads", type=int, required=True)
    parser.add_argument("--batched", action="store_true")
    given = parser.parse_args()
    torch.set_num_threads(given.threads)
    model = Recommender(load_file(given.weights), given.heads)
    with open(given.vocabulary, encoding="utf-8") as file:
        app = application(model, json.load(file), given.batched)
    listening = socket.create_server(("127.0.0.1", 0), backlog=4096)
    print(listening.getsockname()[1], flush=True)
    uvicorn.Server(uvicorn.Config(app, log_level="warning", access_log=False)).run(sockets=[listening])


main()
