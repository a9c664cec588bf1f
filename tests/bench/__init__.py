"""./run bench: picket's figures beside a reference from the same run. See docs/performance.md."""
