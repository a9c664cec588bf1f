"""A throw-away public key infrastructure, made anew for each run by the openssl command."""

import datetime
import shutil
import subprocess
from dataclasses import dataclass
from pathlib import Path

_CONFIG = """\
[ca]
default_ca = this
[this]
dir = {dir}
new_certs_dir = {dir}
database = {dir}/index.txt
rand_serial = yes
unique_subject = no
default_md = sha256
policy = any
[any]
commonName = supplied
[authority]
basicConstraints = critical,CA:TRUE
keyUsage = critical,keyCertSign,cRLSign
subjectKeyIdentifier = hash
[server]
subjectAltName = {san}
extendedKeyUsage = {usage}
keyUsage = critical,digitalSignature
[req]
distinguished_name = name
[name]
"""

_LOCAL = "DNS:localhost,IP:127.0.0.1,IP:::1"


@dataclass(frozen=True)
class Certificate:
    """`bundle` is what Kafka wants: the key (PKCS#8), then the certificate, then its CA."""

    key: Path
    cert: Path
    chain: Path
    bundle: Path


class Authority:
    """A certificate authority (ECDSA P-256) in a folder of its own."""

    def __init__(self, folder: Path, name: str):
        self._folder = folder
        folder.mkdir(parents=True)
        (folder / "index.txt").touch()
        self.cert = folder / "ca.pem"
        self._key = folder / "ca.key"
        self._config("DNS:unused.invalid", "serverAuth")
        _make_key(self._key)
        _openssl(
            "req", "-x509", "-new", "-config", folder / "openssl.cnf", "-extensions", "authority",
            "-key", self._key, "-sha256", "-days", "7", "-subj", f"/CN={name}", "-out", self.cert,
        )

    def issue(
        self, name: str, san: str = _LOCAL, start_days: int = -1, end_days: int = 7,
        usage: str = "serverAuth",
    ) -> Certificate:
        """A certificate for `san`, valid from `start_days` to `end_days` from now; for a server,
        unless `usage` is clientAuth."""
        key, cert, chain, bundle, request = (
            self._folder / f"{name}{end}" for end in (".key", ".crt", ".chain", ".pem", ".csr")
        )
        config = self._config(san, usage)
        _make_key(key)
        _openssl("req", "-new", "-config", config, "-key", key, "-subj", f"/CN={name}",
                 "-out", request)
        # `openssl ca`, because before OpenSSL 3.4 no other command makes an expired certificate.
        _openssl("ca", "-batch", "-notext", "-config", config, "-cert", self.cert, "-keyfile",
                 self._key, "-extensions", "server", "-startdate", _date(start_days),
                 "-enddate", _date(end_days), "-in", request, "-out", cert)
        chain.write_text(cert.read_text() + self.cert.read_text())
        bundle.write_text(key.read_text() + chain.read_text())
        return Certificate(key, cert, chain, bundle)

    def _config(self, san: str, usage: str) -> Path:
        path = self._folder / "openssl.cnf"
        path.write_text(_CONFIG.format(dir=self._folder, san=san, usage=usage))
        return path


class Pki:
    """What the servers of one run show their clients."""

    def __init__(self, folder: Path):
        shutil.rmtree(folder, ignore_errors=True)
        authority = Authority(folder / "ca", "picket test CA")
        stranger = Authority(folder / "stranger", "some other CA")
        self.ca = authority.cert
        self.other_ca = stranger.cert
        self.good = authority.issue("localhost")
        self.expired = authority.issue("expired", start_days=-30, end_days=-2)
        self.future = authority.issue("future", start_days=2, end_days=9)
        self.wrong_name = authority.issue("elsewhere", san="DNS:elsewhere.invalid")
        self.stranger = stranger.issue("localhost")
        self.hidden = authority.issue("hidden", san="DNS:*.hidden.invalid")
        # For clients: the common name is the user where there is no other login.
        self.agent = authority.issue("agent", usage="clientAuth")
        self.sink = authority.issue("sink", usage="clientAuth")


def encrypt_key(key: Path, to: Path, passphrase: str, traditional: bool = False) -> Path:
    """A copy of a private key that needs a passphrase: PKCS#8, or the PEM of old with DEK-Info."""
    form = ["-traditional"] if traditional else []
    _openssl("pkey", "-in", key, "-out", to, "-aes-256-cbc", *form, "-passout", f"pass:{passphrase}")
    return to


def _date(days: int) -> str:
    when = datetime.datetime.now(datetime.UTC) + datetime.timedelta(days=days)
    return when.strftime("%Y%m%d%H%M%SZ")


def _make_key(path: Path) -> None:
    _openssl("genpkey", "-algorithm", "EC", "-pkeyopt", "ec_paramgen_curve:P-256", "-out", path)


def _openssl(*words) -> None:
    done = subprocess.run(["openssl", *map(str, words)], stdin=subprocess.DEVNULL,
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise RuntimeError(f"openssl {words[0]} failed:\n{done.stderr}")
