//! Which attributes of OpenDocument say something, and which styles hide what has them.
//!
//! What is nobody's is listed, not what may be somebody's: an attribute that nobody knows is read.

use std::collections::HashMap;

use super::markup::local;
use crate::layout::Raw;

/// Namespaces of nothing but shapes, colours, sizes and formats.
const LOOKS: &[&str] = &[
    "fo",
    "style",
    "svg",
    "smil",
    "dr3d",
    "number",
    "presentation",
    "draw",
    "chart",
    "anim",
    "xml",
    "xmlns",
];

/// What says something all the same.
const SAYS: &[&str] = &[
    "name",
    "display-name",
    "frame-name",
    "archive",
    "code",
    "pages",
    "values-cell-range-address",
    "label-cell-address",
    "notify-on-update-of-ranges",
    "value",
    "formula",
    "condition",
    "base-cell-address",
];

/// One of a few words that the format knows, a number of the layout, or a name that programs make.
const WORDS: &[&str] = &[
    "actuate",
    "aspect",
    "bullet-char",
    "calendar",
    "case-sensitive",
    "class",
    "control-implementation",
    "content-validation-name",
    "conversion-mode",
    "country",
    "currency",
    "data-pilot-display-list",
    "direction",
    "display",
    "display-list",
    "display-member-mode",
    "echo-char",
    "enctype",
    "event-name",
    "function",
    "id",
    "footnotes-position",
    "image-align",
    "image-position",
    "index-scope",
    "kind",
    "label-followed-by",
    "language",
    "layout-mode",
    "list-linkage-type",
    "member-mode",
    "method",
    "mimetype",
    "mode",
    "navigation-mode",
    "num-letter-sync",
    "number-position",
    "operator",
    "order",
    "orientation",
    "placeholder-type",
    "position",
    "property-name",
    "ref-type",
    "reference-format",
    "script",
    "select-page",
    "show",
    "show-empty",
    "sort-mode",
    "start-numbering-at",
    "start-value",
    "status",
    "tab-cycle",
    "tab-ref",
    "usage",
    "use-labels",
    "used-hierarchy",
    "value-type",
    "version",
    "visibility",
    "visual-effect",
];

/// How the names of such attributes end.
const ENDS: &[&str] = &[
    "style-name",
    "master-page-name",
    "-type",
    "-id",
    "-repeated",
    "-spanned",
    "-count",
    "-level",
    "-levels",
    "-algorithm",
    "-class",
];

const UNITS: &[&str] = &["cm", "mm", "in", "pt", "pc", "px", "em", "%"];

/// How words begin that all files have: vocabulary, parts of the program.
const VOCABULARY: &[&str] = &["http://docs.oasis-open.org/", "com.sun.star.", "styles.xml", "content.xml"];

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
        || (is_of_a_style(element) && element != "style:map")
        // Of the settings only those kept for each sheet or view have names that people gave.
        || (prefix == "config" && element != "config:config-item-map-entry")
        || is_measure(name, value)
        || VOCABULARY.iter().any(|begin| value.starts_with(begin))
        || is_picture(value)
}

/// Elements that are named for others to refer to, none of which anybody reads.
fn is_of_a_style(element: &str) -> bool {
    let (prefix, name) = element.split_once(':').unwrap_or(("", element));
    matches!(prefix, "style" | "number")
        || name.ends_with("-style")
        || (prefix == "presentation" && name.ends_with("-decl"))
        || matches!(
            element,
            "draw:layer" | "draw:marker" | "draw:stroke-dash" | "draw:hatch" | "draw:opacity" | "chart:axis"
        )
        || name.ends_with("radient")
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
        (_, "display", "none" | "condition" | "false")
        | (_, "visibility", "collapse" | "filter" | "hidden") => Some(true),
        (_, "is-hidden", "true") | (_, "visible", "false") => Some(true),
        (_, "display", "true") | (_, "visibility", "visible") => Some(false),
        _ => None,
    })
}

/// The styles that say whether what has them is shown.
#[derive(Debug, Default)]
pub(super) struct Styles {
    /// By family and name.
    names: HashMap<String, usize>,
    all: Vec<Style>,
}

#[derive(Clone, Copy, Debug, Default)]
struct Style {
    parent: Option<usize>,
    hides: Option<bool>,
}

/// Styles inherit through so many others.
const ANCESTORS: usize = 16;

impl Styles {
    /// Takes a style, in the place of one of the same name; its index.
    pub(super) fn add(&mut self, family: &str, name: &str, parent: Option<&str>) -> usize {
        let parent = parent.map(|parent| self.index(family, parent));
        let index = self.index(family, name);
        self.all[index] = Style { parent, hides: None };
        index
    }

    pub(super) fn set(&mut self, style: usize, hides: bool) {
        self.all[style].hides = Some(hides);
    }

    /// Whether an element of this style is hidden, if the style says so or one that it is made from.
    pub(super) fn hide(&self, element: &str, name: &str) -> Option<bool> {
        let mut style = self.all[*self.names.get(&key(family(element)?, name))?];
        for _ in 0..ANCESTORS {
            if style.hides.is_some() {
                return style.hides;
            }
            style = self.all[style.parent?];
        }
        None
    }

    fn index(&mut self, family: &str, name: &str) -> usize {
        *self.names.entry(key(family, name)).or_insert_with(|| {
            self.all.push(Style::default());
            self.all.len() - 1
        })
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
        styles.set(top, true);
        styles.add("text", "T1", Some("Secret"));
        let shown = styles.add("text", "T2", Some("Secret"));
        styles.set(shown, false);
        styles.add("text", "Ring", Some("Ring"));
        assert_eq!(styles.hide("text:span", "T1"), Some(true));
        assert_eq!(styles.hide("text:span", "T2"), Some(false));
        assert_eq!(styles.hide("text:span", "Ring"), None);
        assert_eq!(styles.hide("text:p", "T1"), None);
        assert_eq!(styles.hide("draw:frame", "T1"), None);
    }
}
