//! The control words of RTF that say what the text of a group is, and in which letters it is written.

use crate::codepage::Codepage;

/// Destinations of data and of looks. Those that begin with `\*` and are unknown are skipped too.
pub(super) const SKIPPED: &[&str] = &[
    "colortbl",
    "stylesheet",
    "listtable",
    "listoverridetable",
    "shprslt",
    "nonshppict",
    "nonesttables",
    "falt",
    "panose",
];
/// Destinations that begin with `\*` and hold text or others that do.
pub(super) const OPEN: &[&str] =
    &["shppict", "shpinst", "picprop", "do", "background", "userprops", "formfield", "ffentrytypes", "hl"];
/// Destinations whose text is a property of the document.
pub(super) const PROPERTIES: &[(&str, &str)] = &[
    ("title", "title"),
    ("subject", "subject"),
    ("author", "author"),
    ("manager", "manager"),
    ("company", "company"),
    ("operator", "last modified by"),
    ("category", "category"),
    ("keywords", "keywords"),
    ("comment", "comment"),
    ("doccomm", "description"),
    ("hlinkbase", "base of links"),
    ("template", "template"),
    ("docvar", "variable"),
    ("file", "file"),
    ("protusertbl", "permitted users"),
    ("mmconnectstr", "mail merge source"),
    ("mmconnectstrdata", "mail merge source"),
    ("mmquery", "mail merge query"),
    ("mmdatasource", "mail merge source"),
    ("mmheadersource", "mail merge source"),
    ("mmmailsubject", "mail merge subject"),
    ("mmaddfieldname", "mail merge field"),
];
/// Destinations whose text belongs to the paragraph but is not shown in it.
pub(super) const ASIDE: &[&str] = &[
    "fldinst",
    "objname",
    "bkmkstart",
    "xe",
    "tc",
    "ffname",
    "ffdeftext",
    "ffhelptext",
    "ffstattext",
    "ffl",
    "ffentrymcr",
    "ffexitmcr",
    "hlloc",
    "hlsrc",
    "hlfr",
    "xmlattrvalue",
    "mhtmltag",
];
/// Texts that the properties of a drawing can hold; all others are numbers.
pub(super) const DRAWN: &[&str] =
    &["wzDescription", "wzName", "wzTooltip", "gtextUNICODE", "pihlShape", "wzScript", "pibName", "dhgt"];

/// That of this number, if there is one.
pub(super) fn codepage(number: Option<i32>) -> Option<Codepage> {
    Codepage::of(u32::try_from(number?).ok()?)
}

/// The code page of a font's character set; `None` for that of the document.
pub(super) fn charset(number: i32) -> Option<i32> {
    Some(match number {
        77 => 10000,
        128 => 932,
        129 | 130 => 949,
        134 => 936,
        136 => 950,
        161 => 1253,
        162 => 1254,
        163 => 1258,
        177 | 181 => 1255,
        178..=180 => 1256,
        186 => 1257,
        204 => 1251,
        222 => 874,
        238 => 1250,
        254 => 437,
        255 => 850,
        _ => return None,
    })
}
