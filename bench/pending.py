"""What scores that wait for their labels cost: memory each, and the CPU time to take and to find one."""

import measure


def main():
    arguments = measure.arguments(__doc__, millions=10)
    result = measure.run_json(arguments.programs / "pending_capacity", arguments.millions * 1_000_000)
    measure.show([
        ("scores that wait", result["scores"], ""),
        ("bytes each, as accounted", result["accounted_bytes_per_score"], ""),
        ("bytes each, of resident memory", result["resident_bytes_per_score"], ""),
        ("CPU time to take a score", result["take_score_nanoseconds"], "ns"),
        ("CPU time to take its label", result["take_label_nanoseconds"], "ns")])
    measure.keep("pending", result)


if __name__ == "__main__":
    main()
