//! Text of our own: letters, mail, contracts, forms, chats, notes, from templates with invented people in them.
//!
//! In a template `(a|b|)` is one of these, `{FULL}` the value of a slot, `\n` a new line, and `\` before a character that
//! character.

use std::fmt::Write;

use tacita_detect::names::Kind;

use super::{corpora::Text, lists::Lists};
use crate::random::Random;

pub(super) const TEMPLATES: &[&str] = &[
    include_str!("templates/code.txt"),
    include_str!("templates/dutch.txt"),
    include_str!("templates/english.txt"),
    include_str!("templates/french.txt"),
    include_str!("templates/german.txt"),
    include_str!("templates/italian.txt"),
    include_str!("templates/spanish.txt"),
];
/// How organisations are called, by slot.
const ORGANIZATIONS: &[(&str, &str)] = &[
    ("NLORG", include_str!("templates/organizations/dutch.txt")),
    ("FRORG", include_str!("templates/organizations/french.txt")),
    ("DEORG", include_str!("templates/organizations/german.txt")),
    ("ITORG", include_str!("templates/organizations/italian.txt")),
    ("ESORG", include_str!("templates/organizations/spanish.txt")),
];
/// Templates that make one text.
const TOGETHER: usize = 12;

/// Makes text of so many templates.
pub(crate) fn generate(lists: &Lists, count: usize, random: &mut Random) -> Vec<Text> {
    let templates: Vec<&str> = TEMPLATES
        .iter()
        .flat_map(|file| file.lines())
        .filter(|line| !line.is_empty() && !line.starts_with("# "))
        .collect();
    let mut order: Vec<&str> = templates.iter().copied().cycle().take(count).collect();
    random.shuffle(&mut order);
    let mut text = |part: &[&str]| {
        let mut text = Text::default();
        for template in part {
            expand(lists, template, random, &mut text);
            text.push("\n", None);
        }
        text
    };
    order.chunks(TOGETHER).map(&mut text).collect()
}

/// Adds what a template says, with values of `lists` in its slots.
pub(super) fn expand(lists: &Lists, mut template: &str, random: &mut Random, text: &mut Text) {
    while let Some(at) = template.find(['\\', '(', '{']) {
        text.push(&template[..at], None);
        let rest = &template[at + 1..];
        template = match template.as_bytes()[at] {
            b'(' => match alternatives(rest) {
                (parts, end) if parts.len() > 1 => {
                    expand(lists, random.pick::<&str>(&parts), random, text);
                    &rest[end..]
                }
                _ => {
                    text.push("(", None);
                    rest
                }
            },
            b'{' => match rest.split_once('}') {
                Some((name, rest)) if !name.is_empty() && name.bytes().all(|b| b.is_ascii_uppercase()) => {
                    let (value, kind) = slot(lists, name, random);
                    text.push(&value, kind);
                    rest
                }
                _ => {
                    text.push("{", None);
                    rest
                }
            },
            _ => {
                let line = rest.starts_with('n');
                text.push(if line { "\n" } else { &rest[..1] }, None);
                &rest[1..]
            }
        };
    }
    text.push(template, None);
}

/// The alternatives of a bracket that is open, and where it is closed.
fn alternatives(rest: &str) -> (Vec<&str>, usize) {
    let (mut parts, mut start, mut depth) = (Vec::new(), 0, 0);
    let mut escaped = false;
    for (at, c) in rest.char_indices() {
        match c {
            _ if escaped => escaped = false,
            '\\' => escaped = true,
            '(' => depth += 1,
            ')' if depth > 0 => depth -= 1,
            '|' if depth == 0 => {
                parts.push(&rest[start..at]);
                start = at + 1;
            }
            ')' => {
                parts.push(&rest[start..at]);
                return (parts, at + 1);
            }
            _ => {}
        }
    }
    (Vec::new(), 0)
}

const MONTHS: &[&str] = &[
    "January",
    "February",
    "March",
    "April",
    "May",
    "June",
    "July",
    "August",
    "September",
    "October",
    "November",
    "December",
];
const DAYS: &[&str] = &["Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday"];
const TITLES: &[&str] = &["Mr.", "Mrs.", "Ms.", "Dr.", "Mr", "Mrs", "Prof.", "Miss"];
const JOBS: &[&str] = &[
    "Chief Executive Officer",
    "Sales Manager",
    "engineer",
    "Senior Developer",
    "nurse",
    "teacher",
    "Director of Marketing",
    "Attorney at Law",
    "accountant",
    "spokesman",
    "spokeswoman",
    "professor",
    "Vice President",
    "analyst",
    "Project Manager",
    "lawyer",
    "Head of Research",
    "managing director",
    "Financial Advisor",
    "chairman",
    "consultant",
    "Team Lead",
    "Office Manager",
    "president",
    "coach",
    "reporter",
];
const TOPICS: &[&str] = &[
    "budget",
    "contract",
    "new policy",
    "invoice",
    "payment methodology",
    "gas contract",
    "server migration",
    "lease",
    "Monday meeting",
    "annual report",
    "price",
    "curve",
    "visa",
    "test results",
    "insurance claim",
    "schedule",
    "Q3 forecast",
    "NDA",
    "Master Agreement",
    "press release",
];
/// How organisations that are invented begin and go on, and their legal forms.
const FRONTS: &[&str] = &[
    "Blue", "North", "Silver", "Global", "First", "United", "Green", "Bright", "Core", "Data", "Nova", "Red",
    "Summit", "Pioneer", "General", "National", "Pacific", "Atlantic", "Delta", "Prime", "Open", "Smart",
    "Iron", "Golden", "Quantum", "Central", "Royal", "Sun", "Star", "Micro", "Digi", "Health", "Clear",
    "Nordic", "Alpha", "American", "European",
];
const BACKS: &[&str] = &[
    "Systems",
    "Analytics",
    "Energy",
    "Foods",
    "Industries",
    "Motors",
    "Partners",
    "Media",
    "Capital",
    "Bank",
    "Airlines",
    "Software",
    "Labs",
    "Insurance",
    "Pharma",
    "Logistics",
    "Networks",
    "Technologies",
    "Holdings",
    "Instruments",
    "Records",
    "Power",
    "Solutions",
    "Consulting",
    "Group",
    "Trading",
    "Security",
    "Telecom",
    "Pictures",
    "Studios",
    "Clinic",
    "Hospital",
    "Institute",
    "Foundation",
    "Museum",
    "School",
    "Library",
    "Hotel",
    "Cafe",
    "Pizza",
    "Dental",
    "Salon",
    "Association",
];
const FORMS: &[&str] = &[
    "Inc.",
    "Ltd",
    "LLC",
    "Corp.",
    "Corporation",
    "GmbH",
    "AG",
    "PLC",
    "Co.",
    "S.A.",
    "& Co.",
    "& Sons",
    "Company",
    "Group",
    "International",
    "B.V.",
    "S.p.A.",
    "SARL",
];
const PARTICLES: &[&str] =
    &["van", "van der", "de", "von", "de la", "di", "da", "el", "bin", "dos", "von der", "den"];

fn slot(lists: &Lists, name: &str, random: &mut Random) -> (String, Option<Kind>) {
    let person = |value: String| (value, Some(Kind::Person));
    let place = |value: String| (value, Some(Kind::Location));
    let plain = |value: &&str| ((*value).to_owned(), None);
    match name {
        "FIRST" => person(forename(lists, random)),
        // Those of the balanced set: of the lists, and as they stand there.
        "GIVEN" => person(lists.forename(random).to_owned()),
        "NAME" => person(format!("{} {}", lists.forename(random), lists.surname(random))),
        "LAST" => person(surname(lists, random)),
        "FULL" => person(full(lists, random)),
        "PERSON" => person(match random.below(6) {
            0 => forename(lists, random),
            1 => surname(lists, random),
            _ => full(lists, random),
        }),
        "LASTORFULL" if random.chance(0.5) => person(surname(lists, random)),
        "LASTORFULL" => person(full(lists, random)),
        "LFIRST" => person(lists.forename(random).to_lowercase()),
        "LFULL" => person(format!("{} {}", lists.forename(random), lists.surname(random)).to_lowercase()),
        "UFULL" => person(full(lists, random).to_uppercase()),
        "UFIRST" => person(lists.forename(random).to_uppercase()),
        "ULAST" => person(surname(lists, random).to_uppercase()),
        // What a street is called after is no person there.
        "STREET" => (surname(lists, random), None),
        "CITY" => place(lists.city(random).to_owned()),
        "LCITY" => place(lists.city(random).to_lowercase()),
        "UCITY" => place(lists.city(random).to_uppercase()),
        "COUNTRY" => place(random.pick(&lists.regions).clone()),
        "UCOUNTRY" => place(random.pick(&lists.regions).to_uppercase()),
        "PLACE" if random.chance(0.6) => place(lists.city(random).to_owned()),
        "PLACE" => place(random.pick(&lists.regions).clone()),
        "ORG" => (organization(lists, random), Some(Kind::Organization)),
        "UORG" => (organization(lists, random).to_uppercase(), Some(Kind::Organization)),
        "UNIVERSITY" => (university(lists, random), Some(Kind::Organization)),
        "DENOUN" => (german_noun(lists, random), None),
        "LOWER" => (random.pick(&lists.common).to_string(), None),
        "CAMEL" => (camel(lists, random), None),
        "ACRONYM" => (acronym(random), None),
        "ORGSHORT" => plain(random.pick(&["ENRON", "ECT", "ACME", "CORP", "HQ"])),
        "ABBR" => plain(random.pick(&["HOU", "NA", "Corp", "LON", "NYC"])),
        "NRP" => plain(random.pick(&lists.groups)),
        "JOB" => plain(random.pick(JOBS)),
        "TOPIC" => plain(random.pick(TOPICS)),
        "MONTH" => plain(random.pick(MONTHS)),
        "DAY" => plain(random.pick(DAYS)),
        "TITLE" => plain(random.pick(TITLES)),
        "NUM" => {
            let most = *random.pick(&[30, 9000]);
            (format!("{}", 1 + random.below(most)), None)
        }
        "AGE" => (format!("{}{}", 18 + random.below(70), random.pick(&["M", "F", " years", " y/o"])), None),
        "YEAR" => (format!("{}", 1900 + random.below(125)), None),
        "TIME" => (format!("{:02}:{:02}", random.below(24), random.below(60)), None),
        "DATE" => (date(random), None),
        "PHONE" => (format!("({}) 555-{:04}", 200 + random.below(700), random.below(10_000)), None),
        "EMAIL" => {
            (format!("{}{}@example.org", lists.forename(random).to_lowercase(), random.below(100)), None)
        }
        "HANDLE" => (format!("{}{}", lists.forename(random).to_lowercase(), random.below(100)), None),
        _ => {
            let (_, templates) = (ORGANIZATIONS.iter().find(|(slot, _)| *slot == name))
                .unwrap_or_else(|| panic!("the templates name an unknown slot: {name}"));
            let templates: Vec<&str> = templates.lines().collect();
            let mut text = Text::default();
            expand(lists, random.pick::<&str>(&templates), random, &mut text);
            (text.text, Some(Kind::Organization))
        }
    }
}

/// A German noun, which has a capital like a name: one of the list, or made of two, or with an ending that makes one.
fn german_noun(lists: &Lists, random: &mut Random) -> String {
    const ENDINGS: &[&str] = &[
        "ung", "heit", "keit", "schaft", "ismus", "tät", "ler", "erin", "chen", "nis", "tion", "en", "er",
        "s", "e",
    ];
    const JOINTS: &[&str] = &["", "", "s", "n", "en", "es"];
    let noun = |random: &mut Random| *random.pick(&lists.german);
    match random.below(8) {
        0..3 => noun(random).to_owned(),
        3..6 => format!("{}{}{}", noun(random), random.pick(JOINTS), noun(random).to_lowercase()),
        6 => format!("{}{}", noun(random), random.pick(ENDINGS)),
        _ => {
            let second = noun(random).to_lowercase();
            format!("{}{}{second}{}", noun(random), random.pick(JOINTS), random.pick(ENDINGS))
        }
    }
}

fn forename(lists: &Lists, random: &mut Random) -> String {
    if random.chance(UNHEARD) { unheard(random) } else { lists.forename(random).to_owned() }
}

/// The share of names that no list has: there are always more.
const UNHEARD: f32 = 0.1;

fn unheard(random: &mut Random) -> String {
    const BEGIN: &[&str] = &[
        "b", "br", "ch", "d", "dh", "f", "g", "gr", "h", "j", "k", "kr", "l", "m", "n", "p", "r", "s", "sh",
        "st", "t", "tr", "v", "w", "y", "z", "",
    ];
    const MIDDLE: &[&str] = &["a", "e", "i", "o", "u", "ai", "ei", "ou", "ie", "aa"];
    const END: &[&str] = &["", "", "", "n", "r", "l", "s", "m", "nd", "k", "sh", "th", "rt"];
    let mut name = String::new();
    for _ in 0..2 + random.below(2) {
        for part in [BEGIN, MIDDLE, END] {
            name.push_str(random.pick::<&str>(part));
        }
    }
    name[..1].to_uppercase() + &name[1..]
}

fn surname(lists: &Lists, random: &mut Random) -> String {
    if random.chance(UNHEARD) {
        return unheard(random);
    }
    let name = lists.surname(random);
    match random.below(40) {
        0 => format!("{name}-{}", lists.surname(random)),
        1 => format!("{} {name}", random.pick(PARTICLES)),
        2 => format!("{}{name}", random.pick(&["Mc", "O'", "Mac", "D'"])),
        _ => name.to_owned(),
    }
}

fn full(lists: &Lists, random: &mut Random) -> String {
    let (first, last) = (forename(lists, random), surname(lists, random));
    let initial =
        |name: &str| name.chars().next().into_iter().flat_map(char::to_uppercase).collect::<String>();
    match random.below(20) {
        0 => format!("{first} {}. {last}", initial(lists.forename(random))),
        1 => format!("{}. {last}", initial(&first)),
        2 => format!("{first} {} {last}", initial(lists.forename(random))),
        3 => format!("{first} {} {last}", lists.forename(random)),
        4 => format!("{}. {}. {last}", initial(&first), initial(lists.forename(random))),
        5 => format!("{first} {last} {}", random.pick(&["Jr.", "III", "II", "Sr."])),
        _ => format!("{first} {last}"),
    }
}

fn organization(lists: &Lists, random: &mut Random) -> String {
    let last = |random: &mut Random| lists.surname(random).to_owned();
    match random.below(20) {
        0 | 1 => format!("{} {}", last(random), random.pick(FORMS)),
        2 => format!("{}-{}", last(random), last(random)),
        3 => format!("{}, {} and {}", last(random), last(random), last(random)),
        4 => format!("{} & {}", last(random), last(random)),
        5 | 6 => format!("{} {}", random.pick(FRONTS), random.pick(BACKS)),
        7 => format!("{}{} {}", random.pick(FRONTS), random.pick(FRONTS).to_lowercase(), random.pick(BACKS)),
        8 => format!("{} {} {}", random.pick(FRONTS), random.pick(BACKS), random.pick(FORMS)),
        9 => format!("{} {}", last(random), random.pick(BACKS)),
        10 => format!("{} {}", lists.city(random), random.pick(BACKS)),
        11 => acronym(random),
        12 => {
            let back = random.pick(BACKS).to_lowercase();
            format!("{}{}", random.pick(FRONTS), &back[..3 + random.below(back.len() - 3)])
        }
        13 => university(lists, random),
        14 => format!(
            "St. {}'s {}",
            lists.forename(random),
            random.pick(&["Hospital", "Church", "School", "College"])
        ),
        15 => {
            let what =
                random.pick(&["Bank", "Ministry", "Department", "Museum", "Institute", "Church", "City"]);
            format!("{what} of {}", lists.city(random))
        }
        _ => (*random.pick(&lists.organizations)).to_owned(),
    }
}

fn acronym(random: &mut Random) -> String {
    (0..2 + random.below(3)).map(|_| char::from(b'A' + random.below(26) as u8)).collect()
}

/// A name in a program: one word or a few, each with a capital.
fn camel(lists: &Lists, random: &mut Random) -> String {
    let mut name = String::new();
    for _ in 0..1 + random.below(3) {
        let word = random.pick(&lists.common);
        name.extend(word[..1].chars().flat_map(char::to_uppercase));
        name.push_str(&word[1..]);
    }
    name
}

fn university(lists: &Lists, random: &mut Random) -> String {
    match random.below(4) {
        0 => format!("University of {}", lists.city(random)),
        1 => format!("{} University", lists.city(random)),
        2 => format!("{} College", lists.surname(random)),
        _ => format!("{} High School", lists.city(random)),
    }
}

fn date(random: &mut Random) -> String {
    let (year, month, day) = (1990 + random.below(35), random.below(12), 1 + random.below(28));
    let mut date = String::new();
    let written = match random.below(3) {
        0 => write!(date, "{} {day}, {year}", MONTHS[month]),
        1 => write!(date, "{:02}/{day:02}/{year}", month + 1),
        _ => write!(date, "{year}-{:02}-{day:02}", month + 1),
    };
    written.expect("writing to a string does not fail");
    date
}
