"""What scores that wait for their labels cost: memory each, the CPU time to take and to find one, checkpoints of a
million of them, and a start that reads all of them back."""

import measure


def main():
    arguments = measure.arguments(__doc__, millions=10)
    command = arguments.programs / "pending_capacity", arguments.millions * 1_000_000
    result = measure.run_json(*command)
    with measure.folder() as folder:
        kept = measure.run_json(*command, folder)
    result |= {name: kept[name] for name in kept if name not in result}
    measure.show([
        ("scores that wait", result["scores"], ""),
        ("bytes each, as accounted", result["accounted_bytes_per_score"], ""),
        ("bytes each, of resident memory", result["resident_bytes_per_score"], ""),
        ("CPU time to take a score", result["take_score_nanoseconds"], "ns"),
        ("CPU time to take its label", result["take_label_nanoseconds"], "ns"),
        ("time to write a checkpoint of a million scores", result["checkpoint_seconds"], "s"),
        ("bytes it has for each", result["checkpoint_bytes_per_score"], ""),
        ("time to read all of them back at a start", result["recover_seconds"], "s")])
    measure.keep("pending", result)


if __name__ == "__main__":
    main()
