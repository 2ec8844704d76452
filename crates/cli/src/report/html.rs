//! One page that opens without a network: charts, then the findings in their context.

use std::{
    fmt::{self, Write},
    path::Path,
};

use super::{
    Format, Hit, Outcome, Settings, Summary,
    charts::{self, Bar},
    counted, push,
    summary::by_reason,
};
use crate::{escape::Escaped, size::Size};

/// A page without script, font or picture from anywhere; its own policy forbids it to load anything.
pub(super) struct Html<'a>(pub(super) &'a Settings);

/// Findings of one file that are listed; the rest are counted.
const LISTED: usize = 500;
/// Beyond it files are only counted: a larger page opens slowly.
const HELD: usize = 16_000_000;

impl Format for Html<'_> {
    fn wants_context(&self) -> bool {
        true
    }

    fn head(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(include_bytes!("head.html"));
    }

    fn hit(&self, out: &mut Vec<u8>, path: &Path, n: usize, hit: &Hit<'_>) {
        if n == 0 {
            let path = Escaped::path(path).to_string();
            append(out, format_args!("<details open><summary>{}</summary><ol>\n", Text(&path)));
        }
        if n >= LISTED {
            return;
        }
        append(
            out,
            format_args!(
                "<li class=\"hit {}\"><span class=\"place\">{}</span><span class=\"type\">{}</span>\
                 <span class=\"score\">{:.2}</span><code>{}<mark>{}</mark>{}</code></li>\n",
                Class(hit.entity),
                Text(&hit.location.to_string()),
                Text(hit.entity),
                hit.score,
                Text(&hit.before),
                Text(&hit.value),
                Text(&hit.after),
            ),
        );
    }

    fn end_of_file(&self, out: &mut Vec<u8>, _: &Path, hits: usize, _: &Outcome) {
        if hits > LISTED {
            append(out, format_args!("<li class=\"more\">and {} more in this file</li>", hits - LISTED));
        }
        if hits > 0 {
            out.extend_from_slice(b"</ol></details>\n");
        }
    }

    fn holds_files(&self) -> Option<usize> {
        Some(HELD)
    }

    fn tail(&self, out: &mut Vec<u8>, summary: &Summary, held: &[u8]) {
        let mut page = String::new();
        figures(&mut page, summary);
        if summary.total.findings > 0 {
            charts(&mut page, summary);
            matrix(&mut page, summary);
            filter(&mut page, summary);
        }
        out.extend_from_slice(page.as_bytes());
        out.extend_from_slice(held);
        let mut page = String::new();
        if summary.unlisted > 0 {
            push(
                &mut page,
                format_args!(
                    "<p class=\"more\">{} more files have findings: they are counted above but not listed, as the page \
                     would become too large; <code>--format jsonl</code> lists all</p>",
                    summary.unlisted
                ),
            );
        }
        page.push_str("</section>");
        left_out(&mut page, summary);
        footer(&mut page, self.0);
        out.extend_from_slice(page.as_bytes());
    }
}

fn figures(page: &mut String, summary: &Summary) {
    page.push_str("<section class=\"figures\">");
    let figures = [
        (summary.total.findings.to_string(), "findings"),
        (summary.total.types.len().to_string(), "types"),
        (summary.files.to_string(), "files read"),
        (Size(summary.bytes).to_string(), "read"),
        (summary.skipped.len().to_string(), "skipped"),
        (summary.failed.len().to_string(), "errors"),
    ];
    for (figure, name) in figures {
        let alarm = if name == "errors" && figure != "0" { " class=\"alarm\"" } else { "" };
        push(page, format_args!("<div{alarm}><b>{figure}</b><span>{name}</span></div>"));
    }
    page.push_str("</section>\n");
}

fn charts(page: &mut String, summary: &Summary) {
    let types = summary.types();
    let rest: usize = types.iter().skip(12).map(|(_, findings, _)| findings).sum();
    let mut by_type: Vec<_> = types
        .iter()
        .take(12)
        .map(|(label, amount, files)| Bar {
            label,
            amount: *amount,
            note: format!("in {}", counted(*files, "file")),
        })
        .collect();
    if rest > 0 {
        by_type.push(Bar { label: "other types", amount: rest, note: String::new() });
    }
    let paths: Vec<_> =
        summary.top.iter().map(|(path, tally)| (Escaped::path(path).to_string(), tally.findings)).collect();
    let by_file: Vec<_> =
        paths.iter().map(|(label, amount)| Bar { label, amount: *amount, note: String::new() }).collect();
    page.push_str("<section class=\"charts\">");
    for (title, chart) in [
        ("Findings by type", charts::bars("Findings by type", &by_type)),
        ("Files with the most findings", charts::bars("Files with the most findings", &by_file)),
        ("Findings by score", charts::columns("Findings by score", &summary.total.scores)),
    ] {
        push(page, format_args!("<figure><figcaption>{title}</figcaption>{chart}</figure>"));
    }
    page.push_str("</section>\n");
}

/// Types against the files with the most findings.
fn matrix(page: &mut String, summary: &Summary) {
    let types = summary.types();
    let types = &types[..types.len().min(10)];
    page.push_str(
        "<section><h2>Types in the files with the most findings</h2><div class=\"wide\"><table><tr><th></th>",
    );
    for (name, ..) in types {
        push(page, format_args!("<th scope=\"col\">{}</th>", Text(name)));
    }
    page.push_str("</tr>");
    let most = summary.top.iter().flat_map(|(_, tally)| tally.types.values()).max().copied().unwrap_or(1);
    for (path, tally) in &summary.top {
        push(page, format_args!("<tr><th scope=\"row\">{}</th>", Text(&Escaped::path(path).to_string())));
        for (name, ..) in types {
            match tally.types.get(*name) {
                Some(count) => {
                    let strength = 10 + count * 55 / most;
                    push(page, format_args!("<td style=\"--heat:{strength}%\">{count}</td>"));
                }
                None => page.push_str("<td></td>"),
            }
        }
        page.push_str("</tr>");
    }
    page.push_str("</table></div></section>\n");
}

/// Radio buttons that show one type; the rules that hide the others stand beside them, so no script is needed.
fn filter(page: &mut String, summary: &Summary) {
    page.push_str("<section class=\"findings\"><h2>Findings</h2><fieldset><legend>Show</legend>");
    page.push_str("<label><input type=\"radio\" name=\"show\" checked>all</label>");
    let mut rules = String::new();
    for (name, findings, _) in summary.types() {
        let class = Class(name);
        push(
            page,
            format_args!(
                "<label><input type=\"radio\" name=\"show\" id=\"show-{class}\">{} <small>{findings}</small></label>",
                Text(name)
            ),
        );
        push(
            &mut rules,
            format_args!(
                ".findings:has(#show-{class}:checked) :is(.hit:not(.{class}),details:not(:has(.{class}))){{display:none}}\n"
            ),
        );
    }
    push(page, format_args!("</fieldset><style>{rules}</style>\n"));
}

fn left_out(page: &mut String, summary: &Summary) {
    for (title, list, class) in [
        ("Errors: not read", &summary.failed, "alarm"),
        ("Skipped", &summary.skipped, ""),
        ("Notes", &summary.notes, ""),
    ] {
        if list.is_empty() {
            continue;
        }
        push(page, format_args!("<section class=\"left-out {class}\"><h2>{title}</h2><ul>"));
        for (reason, count, first) in by_reason(list) {
            let more = if count > 1 { format!(" and {} more", count - 1) } else { String::new() };
            push(
                page,
                format_args!(
                    "<li>{}: <code>{}</code>{more}</li>",
                    Text(reason),
                    Text(&Escaped::path(first).to_string())
                ),
            );
        }
        page.push_str("</ul></section>\n");
    }
}

fn footer(page: &mut String, settings: &Settings) {
    let values = if settings.show_values { "shown" } else { "masked" };
    push(
        page,
        format_args!(
            "</main><footer>tacita {} scanned {}: profile {}, scores from {}, values {values}{}.</footer></body></html>\n",
            env!("CARGO_PKG_VERSION"),
            Text(&settings.roots.join(", ")),
            settings.profile,
            settings.threshold,
            Text(&settings.rules.iter().map(|rules| format!(", rules {rules}")).collect::<String>()),
        ),
    );
}

/// Text for HTML: nothing in it can become markup, and control characters are shown, not obeyed.
pub(super) struct Text<'a>(pub(super) &'a str);

impl fmt::Display for Text<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        for part in Escaped::text(self.0).to_string().split_inclusive(['&', '<', '>', '"', '\'']) {
            let (plain, special) =
                part.split_at(part.len() - usize::from(part.ends_with(['&', '<', '>', '"', '\''])));
            f.write_str(plain)?;
            f.write_str(match special {
                "&" => "&amp;",
                "<" => "&lt;",
                ">" => "&gt;",
                "\"" => "&quot;",
                "'" => "&#39;",
                _ => "",
            })?;
        }
        Ok(())
    }
}

/// A type's name as a CSS class. The names of users' own types may hold anything.
struct Class<'a>(&'a str);

impl fmt::Display for Class<'_> {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("t-")?;
        for character in self.0.chars() {
            match character {
                'a'..='z' | 'A'..='Z' | '0'..='9' | '_' => f.write_char(character)?,
                _ => write!(f, "-{:x}", u32::from(character))?,
            }
        }
        Ok(())
    }
}

fn append(out: &mut Vec<u8>, what: fmt::Arguments<'_>) {
    out.extend_from_slice(what.to_string().as_bytes());
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn hostile_text_stays_text() {
        let hostile = "<script>alert('1')</script>\x1b[2J\u{202e}&\"";
        let shown = Text(hostile).to_string();
        assert_eq!(shown, "&lt;script&gt;alert(&#39;1&#39;)&lt;/script&gt;\\u{1b}[2J\\u{202e}&amp;&quot;");
        assert_eq!(Class("a b}<").to_string(), "t-a-20b-7d-3c");
    }
}
