//! What is known of the files of records.

use tacita_domain::{Action, AttachmentId, RecordId, SubjectId};
use tacita_store::{
    Error, Writing,
    attachments::{self, MOST, Stored},
    records,
};
use tacita_vault::{SubjectKey, system_random};

use crate::{
    conformance,
    house::{House, found, now},
};

conformance! {
    what_is_known_of_a_file_is_read_as_it_was,
    a_record_has_so_many_files_and_no_more,
    a_file_needs_its_record_and_goes_with_it,
    another_organisation_knows_no_file,
}

impl House {
    async fn attach(
        &self,
        subject: SubjectId,
        act: impl FnMut(&mut Writing<'_>) -> Result<(), Error> + Send + 'static,
    ) -> Result<(), Error> {
        let passage = self.passage(Action::AttachmentAdd, subject).await;
        self.store.commit(passage, None, act).await.map(|((), _)| ())
    }

    fn file(&self, record: RecordId, key: &SubjectKey) -> Stored {
        let attachment = AttachmentId::new(now(), self.store.random());
        let place = attachments::sealed_at(self.organisation, &attachment);
        let sealed = key.seal(&place, b"letter.txt", &mut system_random).unwrap();
        Stored { attachment, record, created: now(), size: 5_000_000_000, sealed }
    }
}

async fn what_is_known_of_a_file_is_read_as_it_was(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let (first, second) = (house.file(record, &key), house.file(record, &key));
    let known = (first.attachment, first.created, first.size, first.sealed.clone());
    let both = [first.attachment, second.attachment];
    house
        .attach(subject, move |tx| {
            attachments::insert(tx, &first)?;
            attachments::insert(tx, &second)
        })
        .await
        .unwrap();
    let read =
        house.store.look_up(house.organisation, move |tx| attachments::get(tx, both[0])).await.unwrap();
    assert_eq!((read.attachment, read.created, read.size, read.sealed), known);
    assert_eq!(read.record, record);
    let all =
        house.store.look_up(house.organisation, move |tx| attachments::of_record(tx, record)).await.unwrap();
    let (mut seen, mut expected) =
        (all.iter().map(|file| file.attachment).collect::<Vec<_>>(), both.to_vec());
    expected.sort();
    assert!(seen.is_sorted());
    seen.sort();
    assert_eq!(seen, expected);
}

async fn a_record_has_so_many_files_and_no_more(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let files: Vec<_> = (0..MOST).map(|_| house.file(record, &key)).collect();
    let all = move |tx: &mut Writing<'_>| files.iter().try_for_each(|file| attachments::insert(tx, file));
    house.attach(subject, all).await.unwrap();
    let more = house.file(record, &key);
    let refused = house.attach(subject, move |tx| attachments::insert(tx, &more)).await;
    assert!(matches!(refused, Err(Error::Full)), "{refused:?}");
}

async fn a_file_needs_its_record_and_goes_with_it(house: House) {
    let (subject, key) = house.subject().await;
    let nothing = RecordId::new(now(), house.store.random());
    let lost = house.file(nothing, &key);
    let refused = house.attach(subject, move |tx| attachments::insert(tx, &lost)).await;
    assert!(matches!(refused, Err(Error::NotFound)), "{refused:?}");

    let (record, _) = house.keep(subject, &key).await;
    let file = house.file(record, &key);
    let attachment = file.attachment;
    house.attach(subject, move |tx| attachments::insert(tx, &file)).await.unwrap();
    house.attach(subject, move |tx| records::delete(tx, record)).await.unwrap();
    let gone = house.store.look_up(house.organisation, move |tx| attachments::get(tx, attachment)).await;
    assert!(matches!(gone, Err(Error::NotFound)), "{gone:?}");
}

async fn another_organisation_knows_no_file(house: House) {
    let (subject, key) = house.subject().await;
    let (record, _) = house.keep(subject, &key).await;
    let file = house.file(record, &key);
    let attachment = file.attachment;
    house.attach(subject, move |tx| attachments::insert(tx, &file)).await.unwrap();
    let other = found(&house.store).await;
    let hidden = house.store.look_up(other, move |tx| attachments::get(tx, attachment)).await;
    assert!(matches!(hidden, Err(Error::NotFound)), "{hidden:?}");
    let none = house.store.look_up(other, move |tx| attachments::of_record(tx, record)).await.unwrap();
    assert!(none.is_empty());
}
