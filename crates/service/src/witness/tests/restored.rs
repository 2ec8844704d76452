//! Databases that were put back, and the epochs in which their logs go on.

use super::*;

#[test]
fn with_a_new_epoch_an_old_database_goes_on_and_what_was_lost_is_said() {
    run(|folder| async move {
        for is_folder in [true, false] {
            let here = folder.join(if is_folder { "folder" } else { "server" });
            let (data, backup) = (here.join("data"), here.join("backup"));
            let witness = Cosigning::start();
            let settings =
                if is_folder { WitnessSettings::Folder(here.join("elsewhere")) } else { witness.settings() };
            let settings = [settings];
            let (organisation, receipt) = {
                let service = open_with(&data, &settings);
                let organisation = founded(&service).await;
                let operation = keep(&service, organisation, 3).await;
                service.integrate(organisation).await.unwrap();
                service.publish(organisation).await.unwrap();
                (organisation, service.receipt(organisation, operation).await.unwrap())
            };
            copy(&data, &backup);
            let service = open_with(&data, &settings);
            // As long as nothing is lost there is nothing to begin.
            let refused = service.begin_epoch(organisation, &[]).await.unwrap_err().to_string();
            assert!(refused.contains("nobody is known to remember more than the 3"), "{refused}");
            keep(&service, organisation, 4).await;
            service.integrate(organisation).await.unwrap();
            service.publish(organisation).await.unwrap();
            let lost = service.checkpoint(organisation).await.unwrap();
            drop(service);

            let service = open_with(&backup, &settings);
            keep(&service, organisation, 1).await;
            assert!(service.integrate(organisation).await.is_err());
            let begun = service.begin_epoch(organisation, &[]).await.unwrap();
            let log = format!("tacita.local/{organisation}");
            let expected = crate::Begun { origin: format!("{log}/epoch-2"), kept: 3, last: 7 };
            assert_eq!(begun, expected);
            assert_eq!(service.integrate(organisation).await.unwrap(), 1);
            service.publish(organisation).await.unwrap();
            assert!(
                service.checkpoint(organisation).await.unwrap().starts_with(&format!("{log}/epoch-2\n5\n"))
            );

            // Keys of any epoch do for all.
            let keys = service.ledger_keys(organisation).await.unwrap();
            let keys: Vec<VerifierKey> = keys.lines().map(|key| key.parse().unwrap()).collect();
            let believed = Verifiers::new(keys[0].name(), keys.clone()).unwrap();
            let receipt = Receipt::parse(receipt.as_bytes()).unwrap();
            assert!(receipt::verify(&receipt, &believed.of_epoch(&log).unwrap()).is_ok());
            let seen = |note: &str| tacita_ledger::verify::Seen {
                by: "who was there".to_owned(),
                checkpoint: tacita_ledger::checkpoint::open_any_epoch(note.as_bytes(), &believed)
                    .unwrap()
                    .checkpoint,
            };
            let verified =
                service.verify_log(organisation, believed.clone(), vec![seen(&lost)]).await.unwrap();
            let report = verified.unwrap().unwrap().report;
            assert_eq!((report.head.size, report.links.len(), report.seen_unchecked), (5, 1, 0));
            assert_eq!(report.links[0].1.note().lines().next(), Some(&*log));

            // The next start finds the new epoch, and nothing else to complain of.
            drop(service);
            let service = open_with(&backup, &settings);
            assert!(service.confirm_all().await.unwrap().iter().all(|(whose, _)| *whose != organisation));
            keep(&service, organisation, 1).await;
            assert_eq!(service.integrate(organisation).await.unwrap(), 1);
        }
    });
}

#[test]
fn no_epoch_is_begun_twice_and_none_goes_on_beside_a_later_one() {
    run(|folder| async move {
        for is_folder in [true, false] {
            let copies = Copies::new(&folder, is_folder);
            let organisation = founded(&copies.open("data")).await;
            drop(copies.signed("data", organisation, 3).await);
            copies.copy("data", "first");
            copies.copy("data", "second");
            drop(copies.signed("data", organisation, 4).await);
            let begun = copies.open("first").begin_epoch(organisation, &[]).await.unwrap();
            assert!(begun.origin.ends_with("/epoch-2"), "{begun:?}");
            drop(copies.signed("first", organisation, 1).await);

            // The same backup once more: its epoch is another one.
            let service = copies.open("second");
            let begun = service.begin_epoch(organisation, &[]).await.unwrap();
            assert!(begun.origin.ends_with("/epoch-3"), "{begun:?}");
            assert_eq!((begun.kept, begun.last), (3, 7));
            signed(&service, organisation, 1).await;
            drop(service);

            // All of the first epoch, and a later one is known.
            for name in ["data", "first"] {
                let service = copies.open(name);
                keep(&service, organisation, 1).await;
                let refused = service.integrate(organisation).await.unwrap_err();
                assert!(
                    matches!(&refused, Error::Witness(WitnessError::Later { known: 3, .. })),
                    "{refused}"
                );
                assert!(refused.to_string().contains("`tacita ledger begin-epoch`"), "{refused}");
            }
            let service = copies.open("data");
            let begun = service.begin_epoch(organisation, &[]).await.unwrap();
            assert!(begun.origin.ends_with("/epoch-4"), "{begun:?}");
            assert_eq!((begun.kept, begun.last), (7, 7));
            signed(&service, organisation, 1).await;
            let keys = service.ledger_keys(organisation).await.unwrap();
            let keys: Vec<VerifierKey> = keys.lines().map(|key| key.parse().unwrap()).collect();
            let believed = Verifiers::new(keys[0].name(), keys.clone()).unwrap();
            let verified = service.verify_log(organisation, believed, Vec::new()).await.unwrap();
            assert_eq!(verified.unwrap().unwrap().report.links.len(), 1);
        }
    });
}

#[test]
fn a_witness_that_forgot_everything_agrees_to_nothing() {
    run(|folder| async move {
        for is_folder in [true, false] {
            let copies = Copies::new(&folder, is_folder);
            let organisation = founded(&copies.open("data")).await;
            let running = copies.signed("data", organisation, 3).await;
            let (place, away) = (copies.here.join("elsewhere"), copies.here.join("unmounted"));
            if is_folder {
                std::fs::rename(&place, &away).unwrap();
            }
            copies.witness.with(|state| state.logs.clear());
            keep(&running, organisation, 1).await;
            running.integrate(organisation).await.unwrap();
            let failed = running.publish(organisation).await.unwrap();
            assert!(failed[0].1.contains("is its disk mounted"), "{failed:?}");
            drop(running);
            for has_mount_point in [false, true] {
                let service = copies.open("data");
                let refused = service.integrate(organisation).await.unwrap_err().to_string();
                assert!(refused.contains("was shown 3 entries") && refused.contains("mounted"), "{refused}");
                if is_folder && !has_mount_point {
                    assert!(!place.exists());
                    std::fs::create_dir(&place).unwrap();
                }
            }
            if is_folder {
                std::fs::remove_dir(&place).unwrap();
                std::fs::rename(&away, &place).unwrap();
                signed(&copies.open("data"), organisation, 1).await;
            }
        }
    });
}

#[test]
fn a_database_that_is_put_back_under_a_running_server_is_signed_no_further() {
    run(|folder| async move {
        let (data, backup) = (folder.join("data"), folder.join("backup"));
        let organisation = founded(&open_with(&data, &[])).await;
        signed(&open_with(&data, &[]), organisation, 3).await;
        copy(&data, &backup);
        let running = open_with(&data, &[]);
        signed(&running, organisation, 2).await;
        // Another database in the place of its own: of fewer entries, and then of other ones.
        let running = Service { logs: running.logs.clone(), ..open_with(&backup, &[]) };
        for ours in [3, 10] {
            let before = running.checkpoint(organisation).await.unwrap();
            keep(&running, organisation, 1).await;
            let refused = running.integrate(organisation).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Witness(WitnessError::Lost { known: 5, ours: have, .. }) if *have == ours),
                "{refused}"
            );
            assert_eq!(running.checkpoint(organisation).await.unwrap(), before);
            let other = open_with(&backup, &[]);
            signed(&other, organisation, 6).await;
        }
    });
}

#[test]
fn other_entries_of_the_same_number_are_a_fork() {
    run(|folder| async move {
        for with_size in [true, false] {
            let here = folder.join(if with_size { "size" } else { "none" });
            let copies = Copies::new(&here, false);
            let organisation = founded(&copies.open("data")).await;
            drop(copies.signed("data", organisation, 3).await);
            copies.copy("data", "backup");
            drop(copies.signed("data", organisation, 2).await);
            signed(&open_with(&here.join("server/backup"), &[]), organisation, 2).await;
            let service = copies.open("backup");
            if !with_size {
                // The database believes that it was shown as many.
                let (name, of) = (copies.witness.url.clone(), service.log(organisation).await.unwrap());
                let claim = move |tx: &mut tacita_store::Writing<'_>| {
                    let signed = witness::newest_of(tx, &of)?.map(|(signed, _)| signed);
                    witness::published(tx, &name, signed.as_ref(), &[], Timestamp::from_micros(1))
                };
                service.store.write_within(organisation, claim).await.unwrap();
                copies.witness.with(|state| state.broken = Some((409, String::new())));
            }
            let refused = service.confirm(organisation).await.unwrap_err();
            assert!(
                matches!(&refused, Error::Witness(WitnessError::Forked { known: 5, ours: 5, .. })),
                "{refused}"
            );
        }
    });
}

#[test]
fn an_epoch_is_linked_to_the_last_checkpoint_that_any_witness_knows() {
    run(|folder| async move {
        let mut copies = Copies::new(&folder, false);
        let place = WitnessSettings::Folder(folder.join("elsewhere"));
        let organisation = founded(&copies.open("data")).await;
        let both = [place.clone(), copies.witness.settings()];
        signed(&open_with(&copies.here.join("data"), &both), organisation, 3).await;
        copies.copy("data", "backup");
        signed(&open_with(&copies.here.join("data"), &both), organisation, 2).await;
        // The folder misses the last two, and the server shows them to nobody.
        let service = copies.signed("data", organisation, 2).await;
        let last = service.checkpoint(organisation).await.unwrap();
        copies.witness.with(|state| state.is_silent = true);
        copies.settings = [place];
        let backup = copies.here.join("backup");
        let refused = open_with(&backup, &both).begin_epoch(organisation, &[]).await.unwrap_err().to_string();
        assert!(refused.contains("a witness knows 7 entries"), "{refused}");
        copies.witness.with(|state| state.broken = Some((503, String::new())));
        let refused = open_with(&backup, &both).begin_epoch(organisation, &[]).await.unwrap_err().to_string();
        assert!(refused.contains("must be known before an epoch is begun"), "{refused}");
        let begun = open_with(&backup, &both).begin_epoch(organisation, &[last]).await.unwrap();
        assert_eq!((begun.kept, begun.last), (3, 7));
    });
}

#[test]
fn a_rewritten_log_is_not_blessed_by_an_epoch() {
    run(|folder| async move {
        let copies = Copies::new(&folder, true);
        let other = Cosigning::start();
        let both = [other.settings(), copies.settings[0].clone()];
        let organisation = founded(&copies.open("data")).await;
        copies.copy("data", "backup");
        signed(&open_with(&copies.here.join("data"), &both[1..]), organisation, 3).await;
        signed(&open_with(&copies.here.join("data"), &both[..1]), organisation, 4).await;
        signed(&open_with(&copies.here.join("backup"), &[]), organisation, 4).await;
        // One witness knows more, which alone would be a reason to begin.
        let service = open_with(&copies.here.join("backup"), &both);
        let refused = service.begin_epoch(organisation, &[]).await.unwrap_err();
        assert!(matches!(&refused, Error::Witness(WitnessError::Forked { known: 3, .. })), "{refused}");
    });
}
