"""A QTI package: items, pictures, a test that draws one variant of each exercise, a manifest."""

from __future__ import annotations

import xml.etree.ElementTree as ET
from collections.abc import Sequence

from poolviz.drawing.output.zip_file import zip_file
from poolviz.i18n.catalogue import say, using_language
from poolviz.teaching.banks.nodes import as_file
from poolviz.teaching.banks.qti import namespace, qti_item
from poolviz.teaching.banks.question import BankQuestion

PACKAGING = "http://www.imsglobal.org/xsd/imscp_v1p1"
METADATA = "http://www.imsglobal.org/xsd/imsmd_v1p2"
SCHEMA = "http://www.w3.org/2001/XMLSchema-instance"


def qti_package(categories: Sequence[Sequence[BankQuestion]], version: str) -> bytes:
    """Return the zip file with a section for each list of questions."""
    files: dict[str, bytes] = {}
    for asked in (one for questions in categories for one in questions):
        picture = f"{asked.id}.png"
        files[f"{asked.id}.xml"] = qti_item(asked, version, picture)
        if asked.picture:
            files[picture] = asked.picture[0]
    files["test.xml"] = _test(categories, version)
    return zip_file({"imsmanifest.xml": _manifest(categories, version), **files})


def _test(categories: Sequence[Sequence[BankQuestion]], version: str) -> bytes:
    uri = namespace(version)
    root = ET.Element(
        "assessmentTest",
        {
            "xmlns": uri,
            "xmlns:xsi": SCHEMA,
            "xsi:schemaLocation": f"{uri} {uri}.xsd",
            "identifier": "poolviz-test",
            "title": _title(categories),
            "toolName": "poolviz",
        },
    )
    attributes = {
        "identifier": "part",
        "navigationMode": "nonlinear",
        "submissionMode": "individual",
    }
    part = ET.SubElement(root, "testPart", attributes)
    for questions in categories:
        one = questions[0].one
        attributes = {"identifier": f"section-{one.id}", "title": one.id, "visible": "false"}
        section = ET.SubElement(part, "assessmentSection", attributes)
        ET.SubElement(section, "selection", select="1")
        for asked in questions:
            ET.SubElement(section, "assessmentItemRef", identifier=asked.id, href=f"{asked.id}.xml")
    return as_file(root)


def _title(categories: Sequence[Sequence[BankQuestion]]) -> str:
    with using_language(categories[0][0].one.language):
        return say("bank.test")


def _manifest(categories: Sequence[Sequence[BankQuestion]], version: str) -> bytes:
    dashed = version.replace(".", "p")
    root = ET.Element(
        "manifest",
        {
            "xmlns": PACKAGING,
            "xmlns:imsmd": METADATA,
            "xmlns:xsi": SCHEMA,
            "xsi:schemaLocation": f"{PACKAGING} {PACKAGING}.xsd {METADATA} {METADATA}.xsd",
            "identifier": "poolviz-package",
        },
    )
    metadata = ET.SubElement(root, "metadata")
    ET.SubElement(metadata, "schema").text = f"QTIv{version} Package"
    ET.SubElement(metadata, "schemaversion").text = "1.0.0"
    ET.SubElement(root, "organizations")
    resources = ET.SubElement(root, "resources")
    items = [asked for questions in categories for asked in questions]
    test = _resource(resources, "poolviz-test", f"imsqti_test_xmlv{dashed}", ["test.xml"])
    for asked in items:
        ET.SubElement(test, "dependency", identifierref=asked.id)
    for asked in items:
        files = [f"{asked.id}.xml", *([f"{asked.id}.png"] if asked.picture else [])]
        node = _resource(resources, asked.id, f"imsqti_item_xmlv{dashed}", files)
        node.insert(0, _tags(asked))
    return as_file(root)


def _resource(parent: ET.Element, name: str, kind: str, files: list[str]) -> ET.Element:
    node = ET.SubElement(parent, "resource", identifier=name, type=kind, href=files[0])
    for file in files:
        ET.SubElement(node, "file", href=file)
    return node


def _tags(asked: BankQuestion) -> ET.Element:
    """Return level and objective as keywords."""
    language = asked.one.language
    metadata = ET.Element("metadata")
    general = ET.SubElement(ET.SubElement(metadata, "imsmd:lom"), "imsmd:general")
    ET.SubElement(general, "imsmd:identifier").text = asked.id
    _said(general, "imsmd:title", asked.title, language)
    ET.SubElement(general, "imsmd:language").text = language
    for tag in asked.tags:
        _said(general, "imsmd:keyword", tag, language)
    return metadata


def _said(parent: ET.Element, tag: str, text: str, language: str) -> None:
    node = ET.SubElement(ET.SubElement(parent, tag), "imsmd:langstring", {"xml:lang": language})
    node.text = text
