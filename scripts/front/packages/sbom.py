"""Bills of material of one program: SPDX 2.3 and CycloneDX 1.5, both as JSON.

The parts come from third_party/manifest and from the compiler's runtime (see runtime.py), so they are what was built.
"""

import json
import uuid
from datetime import UTC, datetime

from .manifest import Library

# Any fixed one: documents of one content get one name.
_NAMESPACE = uuid.UUID("3b0c7c1e-6c1b-4f0e-9e0a-5e2d1f6a7b10")


def spdx(program: str, version: str, parts: list[Library], epoch: int) -> str:
    """https://spdx.github.io/spdx-spec/v2.3/"""
    packages = [_spdx_package("SPDXRef-program", program, version, "Apache-2.0", "NOASSERTION")]
    relationships = [_related("SPDXRef-DOCUMENT", "DESCRIBES", "SPDXRef-program")]
    for part in parts:
        reference = f"SPDXRef-{part.name.replace('+', 'p').replace('_', '-')}"
        package = _spdx_package(reference, part.name, part.version, part.license, part.url or "NOASSERTION")
        package["externalRefs"] = [{"referenceCategory": "PACKAGE-MANAGER", "referenceType": "purl",
                                    "referenceLocator": part.purl}]
        if part.sha256:
            package["checksums"] = [{"algorithm": "SHA256", "checksumValue": part.sha256}]
        packages.append(package)
        relationships.append(_related(reference, "STATIC_LINK", "SPDXRef-program"))
    return _text({
        "spdxVersion": "SPDX-2.3", "dataLicense": "CC0-1.0", "SPDXID": "SPDXRef-DOCUMENT",
        "name": f"{program}-{version}",
        "documentNamespace": f"urn:uuid:{_identity(program, version, parts)}",
        "creationInfo": {"created": _time(epoch), "creators": [f"Tool: {program}-{version}"]},
        "packages": packages, "relationships": relationships})


def cyclonedx(program: str, version: str, parts: list[Library], epoch: int) -> str:
    """https://cyclonedx.org/docs/1.5/json/"""
    components = []
    for part in parts:
        component = {"type": "library", "bom-ref": part.purl, "name": part.name, "version": part.version,
                     "licenses": [{"expression": part.license}], "purl": part.purl}
        if part.sha256:
            component["hashes"] = [{"alg": "SHA-256", "content": part.sha256}]
        if part.url:
            component["externalReferences"] = [{"type": "distribution", "url": part.url}]
        components.append(component)
    program_ref = f"pkg:generic/{program}@{version}"
    return _text({
        "bomFormat": "CycloneDX", "specVersion": "1.5", "version": 1,
        "serialNumber": f"urn:uuid:{_identity(program, version, parts)}",
        "metadata": {"timestamp": _time(epoch),
                     "component": {"type": "application", "bom-ref": program_ref, "name": program,
                                   "version": version, "licenses": [{"expression": "Apache-2.0"}]}},
        "components": components,
        "dependencies": [{"ref": program_ref, "dependsOn": [part.purl for part in parts]}]})


def _spdx_package(reference: str, name: str, version: str, licence: str, url: str) -> dict:
    return {"SPDXID": reference, "name": name, "versionInfo": version, "downloadLocation": url,
            "filesAnalyzed": False, "licenseConcluded": licence, "licenseDeclared": licence,
            "copyrightText": "NOASSERTION"}


def _related(element: str, relation: str, other: str) -> dict:
    return {"spdxElementId": element, "relationshipType": relation, "relatedSpdxElement": other}


def _identity(program: str, version: str, parts: list[Library]) -> uuid.UUID:
    return uuid.uuid5(_NAMESPACE, "\n".join([f"{program} {version}", *(part.purl for part in parts)]))


def _time(epoch: int) -> str:
    return datetime.fromtimestamp(epoch, UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


def _text(document: dict) -> str:
    return json.dumps(document, indent=1, sort_keys=True) + "\n"
