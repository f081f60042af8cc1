"""A saved page as a SCORM package: the page and the manifest that names it."""

from __future__ import annotations

from string import Template

from poolviz.drawing.output.html_page import for_xml
from poolviz.drawing.output.zip_file import zip_file

PAGE = "index.html"

# Package → the words of its manifest that differ.
_WORDS = {
    "scorm": {
        "version": "1.2",
        "schema": "1.2",
        "packaging": "http://www.imsproject.org/xsd/imscp_rootv1p1p2",
        "run_time": "http://www.adlnet.org/xsd/adlcp_rootv1p2",
        "kind": "scormtype",
    },
    "scorm2004": {
        "version": "2004",
        "schema": "2004 4th Edition",
        "packaging": "http://www.imsglobal.org/xsd/imscp_v1p1",
        "run_time": "http://www.adlnet.org/xsd/adlcp_v1p3",
        "kind": "scormType",
    },
}
PACKAGES = tuple(_WORDS)
_MANIFEST = Template("""\
<?xml version="1.0" encoding="utf-8"?>
<manifest identifier="poolviz" version="1.0" xmlns="$packaging" xmlns:adlcp="$run_time">
  <metadata><schema>ADL SCORM</schema><schemaversion>$schema</schemaversion></metadata>
  <organizations default="course">
    <organization identifier="course">
      <title>$title</title>
      <item identifier="item" identifierref="page"><title>$title</title></item>
    </organization>
  </organizations>
  <resources>
    <resource identifier="page" type="webcontent" adlcp:$kind="sco" href="$page">
      <file href="$page"/>
    </resource>
  </resources>
</manifest>
""")


def checked_package(package: str) -> str:
    """Return the name of a package; ValueError for an unknown one.

    >>> checked_package("scorm")
    'scorm'
    """
    if package not in PACKAGES:
        raise ValueError(f"package must be {' or '.join(PACKAGES)}, got {package!r}")
    return package


def run_time_of(package: str) -> str:
    """Return the version of the run-time that a package requires.

    >>> run_time_of("scorm")
    '1.2'
    """
    return _WORDS[package]["version"]


def scorm_package(package: str, title: str, page: bytes) -> bytes:
    """Return the zip file of a page."""
    manifest = _MANIFEST.substitute(_WORDS[package], title=for_xml(title), page=PAGE)
    return zip_file({"imsmanifest.xml": manifest.encode(), PAGE: page})
