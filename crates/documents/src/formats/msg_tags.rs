//! What the numbers of Outlook's properties mean (MS-OXPROPS), as far as a name is better than the number.

/// Fields of a mail's header.
pub(super) const HEADERS: &[(u16, &str)] = &[
    (0x0037, "Subject"),
    (0x0C1A, "From"),
    (0x0C1F, "From"),
    (0x5D01, "From"),
    (0x0042, "Sender"),
    (0x0065, "Sender"),
    (0x5D02, "Sender"),
    (0x0040, "Received by"),
    (0x0076, "Received by"),
    (0x5D07, "Received by"),
    (0x0044, "Received for"),
    (0x0078, "Received for"),
    (0x5D08, "Received for"),
    (0x0050, "Reply-To"),
    (0x0E02, "Bcc"),
    (0x0E03, "Cc"),
    (0x0E04, "To"),
    (0x1035, "Message-ID"),
    (0x1039, "References"),
    (0x1042, "In-Reply-To"),
    (0x0039, "Date"),
    (0x0E06, "Received at"),
];

/// Of people, and of files that are attached.
const PROPERTIES: &[(u16, &str)] = &[
    (0x3001, "display name"),
    (0x3003, "e-mail address"),
    (0x39FE, "e-mail address"),
    (0x3004, "comment"),
    (0x3704, "short file name"),
    (0x3708, "path"),
    (0x370D, "path"),
    (0x3711, "content base"),
    (0x3712, "content ID"),
    (0x3713, "content location"),
    (0x3A00, "account"),
    (0x3A02, "callback phone"),
    (0x3A05, "generation"),
    (0x3A06, "given name"),
    (0x3A08, "business phone"),
    (0x3A09, "home phone"),
    (0x3A0A, "initials"),
    (0x3A0D, "location"),
    (0x3A10, "organisation number"),
    (0x3A11, "surname"),
    (0x3A15, "postal address"),
    (0x3A16, "company"),
    (0x3A17, "job title"),
    (0x3A18, "department"),
    (0x3A19, "office"),
    (0x3A1A, "primary phone"),
    (0x3A1B, "business phone"),
    (0x3A1C, "mobile phone"),
    (0x3A1D, "radio phone"),
    (0x3A1E, "car phone"),
    (0x3A1F, "other phone"),
    (0x3A20, "display name"),
    (0x3A21, "pager"),
    (0x3A23, "fax"),
    (0x3A24, "business fax"),
    (0x3A25, "home fax"),
    (0x3A26, "country"),
    (0x3A27, "city"),
    (0x3A28, "state"),
    (0x3A29, "street"),
    (0x3A2A, "postal code"),
    (0x3A2B, "post office box"),
    (0x3A2E, "assistant's phone"),
    (0x3A2F, "home phone"),
    (0x3A30, "assistant"),
    (0x3A41, "wedding anniversary"),
    (0x3A42, "birthday"),
    (0x3A44, "middle name"),
    (0x3A45, "name prefix"),
    (0x3A46, "profession"),
    (0x3A48, "spouse"),
    (0x3A4A, "customer number"),
    (0x3A4E, "manager"),
    (0x3A4F, "nickname"),
    (0x3A50, "home page"),
    (0x3A51, "home page"),
    (0x3A57, "company phone"),
    (0x3A58, "children"),
    (0x3A59, "home city"),
    (0x3A5A, "home country"),
    (0x3A5B, "home postal code"),
    (0x3A5C, "home state"),
    (0x3A5D, "home street"),
    (0x3A5F, "other city"),
    (0x3A63, "other street"),
    (0x3FF8, "creator"),
    (0x3FFA, "last modified by"),
];

/// Properties that programs name by number and by a set: those of contacts and appointments.
const NAMED: &[(u32, &str)] = &[
    (0x8005, "filed under"),
    (0x801A, "home address"),
    (0x801B, "business address"),
    (0x801C, "other address"),
    (0x802B, "web page"),
    (0x8045, "business street"),
    (0x8046, "business city"),
    (0x8047, "business state"),
    (0x8048, "business postal code"),
    (0x8049, "business country"),
    (0x8062, "instant messaging address"),
    (0x8080, "e-mail 1 display name"),
    (0x8083, "e-mail 1 address"),
    (0x8084, "e-mail 1 original name"),
    (0x8090, "e-mail 2 display name"),
    (0x8093, "e-mail 2 address"),
    (0x8094, "e-mail 2 original name"),
    (0x80A0, "e-mail 3 display name"),
    (0x80A3, "e-mail 3 address"),
    (0x80A4, "e-mail 3 original name"),
    (0x80B2, "fax 1 display name"),
    (0x80B3, "fax 1 address"),
    (0x80DE, "birthday"),
    (0x80DF, "wedding anniversary"),
    (0x8208, "location"),
    (0x820D, "start"),
    (0x820E, "end"),
    (0x8238, "attendees"),
    (0x823B, "required attendees"),
    (0x823C, "optional attendees"),
    (0x8539, "companies"),
    (0x853A, "contacts"),
    (0x811F, "task owner"),
    (0x8121, "task assigner"),
];

/// Times that tell something of somebody; all others are those of programs.
pub(super) const TIMES: &[&str] = &["birthday", "wedding anniversary", "start", "end", "Date", "Received at"];

/// What programs write for themselves, or a second time.
pub(super) const SILENT: &[u16] =
    &[0x001A, 0x003D, 0x0070, 0x007D, 0x0E1D, 0x1000, 0x1009, 0x1013, 0x3002, 0x3701, 0x3703, 0x3707, 0x370E];

pub(super) fn property(id: u16) -> Option<&'static str> {
    PROPERTIES.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

pub(super) fn header(id: u16) -> Option<&'static str> {
    HEADERS.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}

pub(super) fn named(id: u32) -> Option<&'static str> {
    NAMED.iter().find(|(known, _)| *known == id).map(|(_, name)| *name)
}
