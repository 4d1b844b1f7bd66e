"""What was released reaches the service, and devices are to have it."""

import hashlib

WAVES = [{"percent": "0.5", "soak_s": 3600}, {"percent": "100", "soak_s": 0}]


def release(story, images, version):
    """An image of a door as its owner releases it; without a service."""
    image = story.service.work / f"door-{version}"
    image.write_text(f"a door, {version}")
    story.service.run("holdfast", "release", "publish", image, "--repository", images, "--dir", story.folder, "--kind",
                      "application", "--product", "gateway", "--hardware", "board-a", "--component", "door", "--version",
                      version, "--security-version", "1")


def publish(story):
    images = story.service.work / "images"
    story.refuse("listImages", 404, "repository-empty", story.at())
    story.service.run("holdfast", "release", "init", "--repository", images, "--dir", story.folder)
    for version in ("1.0", "2.0"):
        release(story, images, version)
    story.holdfast("release", "upload", "--repository", images, "--catalog", "acme")
    assert [one["image"] for one in story.call("listImages", story.at())["items"]] == ["door/1.0/image", "door/2.0/image"]
    story.call("getImageRepository", story.at())
    targets = images / "metadata" / "3.targets.json"
    story.call("putRepositoryFile", story.at(file=targets.name), body=targets.read_bytes())
    story.refuse("putRepositoryFile", 409, "document-in-force", story.at(file=targets.name), body=b"another")
    story.refuse("putRepositoryFile", 400, "json-shape", story.at(file="timestamp.json"), body=b"{}")


def send_a_file(story):
    content = b"a piece and another"
    name = story.at(component="door", version="9.9", file=f"{hashlib.sha256(content).hexdigest()}.image")
    story.call("putImageFile", name, {"offset": 0}, body=content[:7])
    assert story.call("getImageFile", name) == {"received": 7, "whole": False}
    story.refuse("putImageFile", 409, "image-file-offset", name, {"offset": 3}, body=content[3:])
    story.call("putImageFile", name, {"offset": 7, "last": "true"}, body=content[7:])
    assert story.call("getImageFile", name) == {"received": len(content), "whole": True}
    other = {**name, "file": f"{'ab' * 32}.image"}
    story.refuse("putImageFile", 400, "image-file-differs", other, {"offset": 0, "last": "true"}, body=content)
    story.refuse("putImageFile", 400, "image-file-name", {**name, "file": "passwd"}, {"offset": 0}, body=content)


def deploy(story):
    order = {"product": "gateway", "device_group": "field", "images": ["door/1.0/image"]}
    assert len(story.call("createDeployment", story.at(), body=order)["waves"]) == 4
    first = story.call("createDeployment", story.at(), body={**order, "waves": WAVES[1:]})
    second = story.call("createDeployment", story.at(), body={**order, "images": ["door/2.0/image"], "waves": WAVES})
    assert second["waves"] == WAVES and second["number"] == first["number"] + 1, second
    number = story.at(number=second["number"])
    story.refuse("createDeployment", 404, "image-unknown", story.at(), body={**order, "images": ["door/3.0/image"]})
    story.refuse("createDeployment", 400, "waves-malformed", story.at(), body={**order, "waves": WAVES[:1]})
    story.call("getDeployment", number)
    story.call("getDeploymentProgress", number)
    assert len(story.call("listDeployments", story.at())["items"]) == 3
    assert story.call("pauseDeployment", number, body={"reason": "looks odd"})["reason"] == "looks odd"
    assert len(story.call("listDeployments", story.at(), {"state": "paused", "device_group": "field"})["items"]) == 1
    story.call("resumeDeployment", number, body={})
    assert story.call("abortDeployment", number, body={"reason": "crashes"})["state"] == "aborted"
    story.refuse("resumeDeployment", 409, "deployment-ended", number, body={})
    return first["number"]


def direct(story, number):
    device = story.at(device=story.call("listDevices", story.at())["items"][-1]["device"])
    assert story.call("getDirection", device)["deployment"] == number
    story.refuse("getPin", 404, "nothing-there", device)
    story.call("pinDevice", device, body={"deployment": number, "reason": "on the bench"})
    story.call("getPin", device)
    assert "pinned" in story.call("getDirection", device)["why"][0]
    story.call("unpinDevice", device)


def freeze(story):
    until = "2099-01-04T06:00:00Z"
    story.refuse("createFreeze", 400, "freeze-malformed", story.at(), body={"until": until})
    order = {"from": "2098-12-20T00:00:00Z", "until": until, "product": "gateway", "reason": "holidays"}
    story.refuse("createFreeze", 404, "nothing-there", story.at(), body={**order, "product": "toaster"})
    coming = story.call("createFreeze", story.at(), body=order)
    assert coming["until"] == until and coming["device_group"] == "", coming
    number = story.at(number=coming["number"])
    assert story.call("getFreeze", number) == coming
    assert story.call("listFreezes", story.at())["items"] == [coming]
    story.call("endFreeze", number, body={})
    story.refuse("endFreeze", 409, "freeze-over", number, body={})


def tell(story):
    story.holdfast("director", "appoint", "--catalog", "acme", "--owner", story.folder, through={"prepareDirector"})
    publish(story)
    send_a_file(story)
    direct(story, deploy(story))
    freeze(story)
