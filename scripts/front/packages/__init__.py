"""What ./run package puts into dist/: .deb, .ipk, .tar.gz, SBOM, checksums, signature."""
