"""The messages of clients over the socket: jobs, credits, changes, and the end of a job. Knows no socket."""

from __future__ import annotations

from typing import Annotated, Literal

from pydantic import BaseModel, ConfigDict, Field, TypeAdapter

from .requests import U32, FramesRequest
from .training import MOST_STEPS, Changes, TrainRequest


class StartMessage(FramesRequest):
    """Start a job on the socket; it supersedes the one that runs."""

    type: Literal["start"]
    job: U32 = Field(description="A number of the client's choice, repeated in every answer.")
    credits: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="Frames that may be sent at once."
    )


class CreditMessage(BaseModel):
    """Allow ``n`` more frames."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["credit"]
    job: U32
    n: Annotated[int, Field(ge=1, le=1_000_000)]


class CancelMessage(BaseModel):
    """Stop a job."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["cancel"]
    job: U32


class TrainMessage(TrainRequest):
    """Start an experiment on the socket; it supersedes the job that runs."""

    type: Literal["train"]
    job: U32 = Field(description="A number of the client's choice, repeated in every answer.")
    credits: Annotated[int, Field(ge=0, le=1_000_000)] = Field(
        0, description="Reports and frames that may be sent at once; without any it pauses."
    )
    checkpoints: Annotated[int, Field(ge=0, le=MOST_STEPS)] = Field(
        0, description="Training steps from one checkpoint to the next; 0 sends none."
    )


class ChangeMessage(BaseModel):
    """Change settings from a training step on; from one that has passed, the curve branches there."""

    model_config = ConfigDict(frozen=True, extra="forbid", strict=True)

    type: Literal["change"]
    job: U32
    step: Annotated[int, Field(ge=0, le=MOST_STEPS)] | None = Field(
        None, description="The training step from which on it holds; left out, the next."
    )
    settings: Changes


Job = StartMessage | TrainMessage
Message = StartMessage | TrainMessage | CreditMessage | ChangeMessage | CancelMessage
MESSAGE: TypeAdapter[Message] = TypeAdapter(Annotated[Message, Field(discriminator="type")])
