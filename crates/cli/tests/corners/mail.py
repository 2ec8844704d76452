"""Mails with every kind of part and mailboxes."""

import base64
import binascii
import email.mime.application
import email.mime.base
import email.mime.message
import email.mime.multipart
import email.mime.text
import email.utils
import gzip
import quopri
from email.header import Header

from planting import Planted, zipped

DATE = "Tue, 04 Mar 2025 10:11:12 +0000"


def fixed(mail, boundary):
    for number, part in enumerate(mail.walk()):
        if part.is_multipart() and part.get_content_maintype() == "multipart":
            part.set_boundary(f"={boundary}{number}=")
    return mail.as_bytes()


def fields():
    at = Planted("mail-fields.eml")
    mail = email.mime.text.MIMEText(f"Dear {at('body')},\n\n> {at('quoted')}\n-- \n{at('signature')}\n", "plain", "utf-8")
    for name in ["From", "To", "Cc", "Bcc", "Reply-To", "Sender", "Return-Path", "Delivered-To", "X-Original-To", "Resent-From", "Disposition-Notification-To", "Errors-To"]:
        mail[name] = f"{Header('Zoë ' + at(name.lower() + '-name'), 'utf-8').encode()} <{at(name.lower())}>"
    mail["Subject"] = Header(f"für {at('subject')} und dann noch ein langes Wort", "utf-8")
    mail["Received"] = f"from x.example.org (x [192.0.2.1]) by y.example.org for <{at('received')}>; {DATE}"
    mail["Message-ID"], mail["In-Reply-To"], mail["References"] = [f"<{at(name)}>" for name in ["message-id", "in-reply-to", "references"]]
    mail["DKIM-Signature"] = f"v=1; d=example.org; i={at('dkim')}; b=AAAA"
    mail["List-Unsubscribe"] = f"<mailto:{at('list-unsubscribe')}>, <https://example.org/?u={at('list-url')}>"
    mail["Authentication-Results"] = f"x; spf=pass smtp.mailfrom={at('authentication')}"
    mail["Autocrypt"] = f"addr={at('autocrypt')}; keydata=AAAA"
    mail["Comments"], mail["Keywords"], mail["Organization"] = at("comments"), at("keywords"), at("organization")
    mail["X-Envelope"] = f"long line\n\t{at('folded')}"
    mail["Thread-Topic"] = Header(at("latin-topic") + " ü", "iso-8859-1")
    mail["Date"] = f"{DATE} ({at('date-comment')})"
    at.write(mail.as_bytes())


def parts():
    at = Planted("mail-parts.eml")
    mail = email.mime.multipart.MIMEMultipart("mixed")
    mail["From"], mail["To"], mail["Date"] = at("from"), at("to"), DATE
    mail.preamble, mail.epilogue = f"before {at('preamble')}\n", f"behind {at('epilogue')}\n"
    either = email.mime.multipart.MIMEMultipart("alternative")
    plain = email.mime.base.MIMEBase("text", "plain", charset="utf-8")
    plain.set_payload(quopri.encodestring(f"ä {at('quoted-printable')} {'long ' * 20}{at('quoted-printable-cut')}\n".encode()).decode())
    plain["Content-Transfer-Encoding"] = "quoted-printable"
    html = email.mime.text.MIMEText(f'<html><head><title>{at("html-title")}</title><style>/* {at("html-style")} */</style></head><body><a href="mailto:{at("html-link")}" title="{at("html-attribute")}">x</a><img src="cid:{at("html-cid")}" alt="{at("html-alt")}"><!-- {at("html-comment")} --><p>{at("html-text")}</p></body></html>', "html", "utf-8")
    calendar = email.mime.text.MIMEText(f"BEGIN:VCALENDAR\r\nBEGIN:VEVENT\r\nORGANIZER;CN=\"{at('calendar-name')}\":mailto:{at('calendar-organizer')}\r\nSUMMARY:{at('calendar-summary')}\r\nEND:VEVENT\r\nEND:VCALENDAR\r\n", "calendar", "utf-8")
    for part in [plain, html, calendar]:
        either.attach(part)
    mail.attach(either)
    wide = email.mime.base.MIMEBase("text", "plain", charset="utf-16")
    wide.set_payload(at("utf16").encode("utf-16"))
    email.encoders.encode_base64(wide)
    mail.attach(wide)
    japanese = email.mime.text.MIMEText("日本 " + at("iso-2022-jp"), "plain", "iso-2022-jp")
    mail.attach(japanese)
    table = email.mime.application.MIMEApplication(f"name,mail\nx,{at('csv')}\n".encode(), "octet-stream")
    table.add_header("Content-Disposition", "attachment", filename=("utf-8", "", at("file-name-2231") + ".csv"))
    table["Content-Description"], table["Content-ID"], table["Content-Location"] = at("description"), f"<{at('content-id')}>", f"https://example.org/{at('location')}"
    mail.attach(table)
    packed = email.mime.application.MIMEApplication(zipped({f"{at('zip-name')}.txt": at("zip-text"), "inner.zip": zipped({"a.json": '{"mail": "%s"}' % at("zip-in-zip")})}), "zip", name=at("file-name") + ".zip")
    mail.attach(packed)
    mail.attach(email.mime.application.MIMEApplication(gzip.compress(at("gzip").encode(), mtime=0), "gzip", name="notes.txt.gz"))
    inner = email.mime.text.MIMEText(at("attached-body"))
    inner["From"], inner["Subject"] = at("attached-from"), at("attached-subject")
    mail.attach(email.mime.message.MIMEMessage(inner))
    status = email.mime.base.MIMEBase("message", "delivery-status")
    status.set_payload([email.message_from_string(text) for text in ["Reporting-MTA: dns; example.org\n\n", f"Final-Recipient: rfc822;{at('delivery-recipient')}\nAction: failed\n\n"]])
    mail.attach(status)
    headers = email.mime.base.MIMEBase("text", "rfc822-headers")
    headers.set_payload(f"From: {at('returned-headers')}\nSubject: x\n")
    mail.attach(headers)
    card = email.mime.text.MIMEText(f"BEGIN:VCARD\r\nVERSION:3.0\r\nFN:{at('card-name')}\r\nEMAIL:{at('card')}\r\nEND:VCARD\r\n", "vcard")
    mail.attach(card)
    unknown = email.mime.base.MIMEBase("application", "x-unknown")
    unknown.set_payload(at("unknown-type"))
    email.encoders.encode_base64(unknown)
    mail.attach(unknown)
    content = at("uuencoded").encode()
    uu = email.mime.text.MIMEText("begin 644 a.txt\n" + binascii.b2a_uu(content).decode() + "`\nend\n")
    mail.attach(uu)
    at.write(fixed(mail, "parts"))


def related():
    at = Planted("mail-document.eml")
    mail = email.mime.multipart.MIMEMultipart("related")
    mail["From"], mail["Subject"], mail["Date"] = at("from"), at("subject"), DATE
    mail.attach(email.mime.text.MIMEText(f"<p>{at('html')}</p>", "html"))
    at.write(fixed(mail, "related"))


def mailbox():
    at = Planted("mail-box.mbox")
    one = f"From {at('envelope')} Tue Mar  4 10:11:12 2025\nFrom: {at('first-from')}\nSubject: one\n\n{at('first-body')}\n>From {at('escaped-from')}\n\n"
    two = f"From x Tue Mar  4 10:11:12 2025\nFrom: {at('second-from')}\nContent-Transfer-Encoding: base64\nContent-Type: text/plain\n\n"
    at.write(one + two + base64.b64encode(at("second-body").encode()).decode() + "\n\n")


def make():
    for maker in [fields, parts, related, mailbox]:
        maker()
