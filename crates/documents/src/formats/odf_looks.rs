//! Which attributes of OpenDocument say something, and which styles hide what has them.
//!
//! What is nobody's is listed, not what may be somebody's: an attribute that nobody knows is read.

use std::collections::HashMap;

use super::markup::local;
use crate::layout::Raw;

/// Namespaces of nothing but shapes, colours, sizes and formats.
const LOOKS: &[&str] =
    &["fo", "style", "svg", "smil", "dr3d", "number", "presentation", "draw", "chart", "anim", "xml", "xmlns"];

/// What says something all the same.
const SAYS: &[&str] = &[
    "name", "display-name", "frame-name", "archive", "code", "object", "pages", "values-cell-range-address",
    "label-cell-address", "value", "formula",
];

/// One of a few words that the format knows, a number of the layout, or a name that programs make.
const WORDS: &[&str] = &[
    "actuate", "aspect", "bullet-char", "calendar", "case-sensitive", "class", "control-implementation",
    "conversion-mode", "country", "currency", "data-pilot-display-list", "direction", "display",
    "display-list", "display-member-mode", "echo-char", "enctype", "event-name", "function", "id",
    "image-align", "image-position", "index-scope", "kind", "label-followed-by", "language", "layout-mode",
    "list-linkage-type", "member-mode", "method", "mimetype", "mode", "navigation-mode", "num-letter-sync",
    "operator", "order", "orientation", "placeholder-type", "position", "property-name", "ref-type",
    "reference-format", "script", "select-page", "show", "show-empty", "sort-mode", "status", "tab-cycle",
    "tab-ref", "usage", "use-labels", "used-hierarchy", "value-type", "version", "visibility",
    "visual-effect",
];

/// How the names of such attributes end.
const ENDS: &[&str] =
    &["style-name", "-type", "-id", "-repeated", "-spanned", "-count", "-level", "-levels", "-algorithm", "-class"];

const UNITS: &[&str] = &["cm", "mm", "in", "pt", "pc", "px", "em", "%"];

/// Vocabulary that all files name.
const VOCABULARY: &str = "http://docs.oasis-open.org/";

/// Whether the attribute `key` of `element` is of no one.
pub(super) fn is_look(element: &str, key: &str, raw: &Raw<'_>) -> bool {
    let (prefix, name) = key.rsplit_once(':').unwrap_or(("", key));
    let value = raw.text.trim();
    let no_value = !value.contains(|c: char| c.is_alphanumeric()) || matches!(value, "true" | "false");
    no_value
        || (LOOKS.contains(&prefix) && !SAYS.contains(&name))
        || WORDS.contains(&name)
        || name == "type"
        || ENDS.iter().any(|end| name.ends_with(end))
        || is_of_a_style(element)
        // Of the settings only those kept for each sheet or view have names that people gave.
        || (prefix == "config" && element != "config:config-item-map-entry")
        || is_measure(name, value)
        || value.starts_with(VOCABULARY)
        || is_picture(value)
}

/// Styles are named, and refer to each other and to fonts.
fn is_of_a_style(element: &str) -> bool {
    let prefix = element.split(':').next().unwrap_or_default();
    matches!(prefix, "style" | "number") || matches!(element, "draw:layer" | "manifest:file-entry")
        || local(element).ends_with("-style")
}

/// A length, a colour or a small number.
fn is_measure(name: &str, value: &str) -> bool {
    let unit = UNITS.iter().find_map(|unit| value.strip_suffix(unit));
    let number = unit.unwrap_or(value);
    let digits = number.bytes().all(|byte| byte.is_ascii_digit() || matches!(byte, b'.' | b'-'));
    digits && (unit.is_some() || number.len() < 5) && !name.ends_with("value")
}

/// Pictures in the package have a checksum for a name.
fn is_picture(value: &str) -> bool {
    let name = value.trim_start_matches("./").strip_prefix("Pictures/");
    let stem = name.and_then(|name| name.split('.').next());
    stem.is_some_and(|stem| stem.bytes().all(|byte| byte.is_ascii_hexdigit()))
}

/// Whether an element with these attributes is shown, if they say so.
pub(super) fn hides(attributes: &[(&str, Raw<'_>)]) -> Option<bool> {
    attributes.iter().find_map(|(key, raw)| match (*key, local(key), raw.text) {
        // A comment that is not always on the screen is one of the usual.
        ("office:display", ..) => None,
        (_, "display", "none" | "condition" | "false") | (_, "visibility", "collapse" | "filter" | "hidden") => {
            Some(true)
        }
        (_, "is-hidden", "true") | (_, "visible", "false") => Some(true),
        (_, "display", "true") | (_, "visibility", "visible") => Some(false),
        _ => None,
    })
}

/// The styles that say whether what has them is shown.
#[derive(Debug, Default)]
pub(super) struct Styles(HashMap<String, Style>);

#[derive(Debug, Default)]
struct Style {
    parent: Option<String>,
    hides: Option<bool>,
}

/// Styles inherit through so many others.
const ANCESTORS: usize = 16;

impl Styles {
    /// Takes a style, and gives the key of it.
    pub(super) fn add(&mut self, family: &str, name: &str, parent: Option<&str>) -> String {
        let key = key(family, name);
        let parent = parent.map(|parent| self::key(family, parent));
        self.0.insert(key.clone(), Style { parent, hides: None });
        key
    }

    pub(super) fn set(&mut self, key: &str, hides: bool) {
        if let Some(style) = self.0.get_mut(key) {
            style.hides = Some(hides);
        }
    }

    /// An element of this style is not shown.
    pub(super) fn hide(&self, element: &str, name: &str) -> bool {
        let Some(family) = family(element) else { return false };
        let mut next = Some(key(family, name));
        for _ in 0..ANCESTORS {
            let Some(style) = next.and_then(|key| self.0.get(&key)) else { break };
            if let Some(hides) = style.hides {
                return hides;
            }
            next = style.parent.clone();
        }
        false
    }
}

fn key(family: &str, name: &str) -> String {
    format!("{family} {name}")
}

/// The family of the styles of those elements that a style can hide.
fn family(element: &str) -> Option<&'static str> {
    Some(match element {
        "text:p" | "text:h" => "paragraph",
        "text:span" | "text:a" => "text",
        "table:table" => "table",
        "draw:page" => "drawing-page",
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::codec::Codec;

    #[test]
    fn reads_what_may_be_somebodys() {
        let says = |element: &str, key: &str, text: &str| {
            !is_look(element, key, &Raw { text, at: 0, codec: Codec::XmlAttribute })
        };
        for (element, key, value) in [
            ("text:bookmark", "text:name", "Mara"),
            ("text:a", "xlink:href", "mailto:mara@example.org"),
            ("x:new", "x:unknown", "Mara"),
            ("draw:frame", "draw:name", "Mara"),
            ("table:table-cell", "office:value", "12"),
            ("draw:image", "xlink:href", "Pictures/mara.png"),
            ("config:config-item-map-entry", "config:name", "Mara"),
        ] {
            assert!(says(element, key, value), "{key}");
        }
        for (element, key, value) in [
            ("text:p", "text:style-name", "Mara"),
            ("draw:frame", "svg:width", "3cm"),
            ("draw:frame", "draw:z-index", "4711471"),
            ("text:a", "xlink:type", "simple"),
            ("table:table-cell", "table:number-columns-repeated", "16000"),
            ("style:style", "style:name", "P1"),
            ("draw:image", "xlink:href", "Pictures/1000ABCDEF.png"),
            ("text:p", "x:new", "true"),
            ("text:p", "x:new", "1.5cm"),
        ] {
            assert!(!says(element, key, value), "{key}");
        }
    }

    #[test]
    fn styles_inherit_what_they_hide() {
        let mut styles = Styles::default();
        let top = styles.add("text", "Secret", None);
        styles.set(&top, true);
        styles.add("text", "T1", Some("Secret"));
        let shown = styles.add("text", "T2", Some("Secret"));
        styles.set(&shown, false);
        styles.add("text", "Ring", Some("Ring"));
        assert!(styles.hide("text:span", "T1"));
        assert!(!styles.hide("text:span", "T2") && !styles.hide("text:p", "T1"));
        assert!(!styles.hide("text:span", "Ring") && !styles.hide("draw:frame", "T1"));
    }
}
