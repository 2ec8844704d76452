use tacita_domain::{Actor, Role};
use tacita_vault::TotpSecret;

use super::*;
use crate::{
    NewAccount, Profile,
    trial::{pass, run},
};

const PASSWORD: &str = "lamp river cactus violin";
const OTHER: &str = "copper meadow whistle anchor";
const MARA: &str = "mara.lind@example.org";

fn secret(text: &str) -> Zeroizing<String> {
    Zeroizing::new(text.to_owned())
}

impl Service {
    /// Makes the account of the first owner, and signs in to it.
    async fn owner(&self) -> NewSession {
        self.found_platform().await.unwrap();
        let link = self.owner_link().await.unwrap().unwrap().secret;
        self.account_by(link, MARA).await.unwrap()
    }

    async fn account_by(&self, link: Zeroizing<String>, email: &str) -> Result<NewSession, Error> {
        let profile = Profile { email: email.to_owned(), name: "Mara Lind".to_owned() };
        let new = NewAccount { link, profile, password: secret(PASSWORD), organisation: None, device: None };
        self.create_account(new, self.new_trace()).await
    }

    async fn enter(&self, email: &str, password: &str, code: Option<&str>) -> SignIn {
        let attempt = Attempt {
            email: secret(email),
            password: secret(password),
            code: code.map(secret),
            device: Some("a telephone".to_owned()),
        };
        self.sign_in_with_password(attempt, self.new_trace()).await.unwrap()
    }

    async fn is_in(&self, secret: &str) -> bool {
        self.session(secret).await.unwrap().is_some()
    }
}

fn done(answer: SignIn) -> NewSession {
    match answer {
        SignIn::Done(session) => session,
        other => panic!("{other:?}"),
    }
}

#[test]
fn the_first_owner_makes_an_account_by_a_link_that_counts_once() {
    run(|service, caller| async move {
        service.found_platform().await.unwrap();
        let older = service.owner_link().await.unwrap().unwrap().secret;
        let link = service.owner_link().await.unwrap().unwrap().secret;
        let refused = service.account_by(older, MARA).await.unwrap_err();
        assert!(matches!(refused, Error::NotFound), "a newer one was made: {refused}");
        let session = service.account_by(link.clone(), MARA).await.unwrap();
        assert_eq!(session.member_of, Some(caller.organisation));
        let trace = service.new_trace();
        let open = service.session(&session.secret).await.unwrap().unwrap();
        let who = service.caller_in(&open, trace).await.unwrap();
        assert_eq!(who.actor, Actor::Member(session.account, Role::Owner));
        assert!(service.owner_link().await.unwrap().is_none(), "there is an owner");
        assert!(matches!(service.account_by(link, "jo@example.org").await, Err(Error::NotFound)));
        let members = service.members(&who).await.unwrap();
        assert_eq!(members[0].profile.email, MARA);
        // The platform is made once, and is no organisation.
        service.found_platform().await.unwrap();
        assert_eq!(service.organisations().await.unwrap().len(), 1);
    });
}

#[test]
fn a_link_is_worth_nothing_after_its_time() {
    run(|service, _| async move {
        service.found_platform().await.unwrap();
        let link = service.owner_link().await.unwrap().unwrap().secret;
        pass(24 * 60 * 60);
        assert!(matches!(service.account_by(link, MARA).await, Err(Error::NotFound)));
    });
}

#[test]
fn each_sign_in_is_a_session_of_its_own_and_a_wrong_password_none() {
    run(|service, _| async move {
        let first = service.owner().await;
        let second = done(service.enter(&MARA.to_uppercase(), PASSWORD, None).await);
        assert_ne!(first.secret, second.secret);
        assert!(service.is_in(&first.secret).await && service.is_in(&second.secret).await);
        for (email, password) in
            [(MARA, OTHER), ("jo.berg@example.org", PASSWORD), ("no address", PASSWORD), (MARA, "")]
        {
            assert!(matches!(service.enter(email, password, None).await, SignIn::Refused), "{email}");
        }
        let devices = service.devices(second.account, service.new_trace()).await.unwrap();
        assert_eq!(devices.len(), 2);
        assert_eq!(devices[1].device.as_deref(), Some("a telephone"));
    });
}

#[test]
fn whoever_guesses_is_locked_out_for_a_while_and_nobody_else() {
    run(|service, _| async move {
        let open = service.owner().await;
        for _ in 0..5 {
            assert!(matches!(service.enter(MARA, OTHER, None).await, SignIn::Refused));
        }
        assert!(matches!(service.enter(MARA, PASSWORD, None).await, SignIn::Refused), "it is locked");
        // Nor can a session that was taken over be used to guess, whose owner stays signed in.
        let session = service.session(&open.secret).await.unwrap().unwrap();
        let change = async |before: &str| {
            let trace = service.new_trace();
            service.change_password(&session, None, secret(before), secret(OTHER), trace).await
        };
        let locked = change(PASSWORD).await;
        assert!(matches!(locked, Err(Error::Wrong)), "the right one is not taken there either: {locked:?}");
        pass(31);
        assert!(matches!(change(OTHER).await, Err(Error::Wrong)));
        assert!(
            matches!(service.enter(MARA, PASSWORD, None).await, SignIn::Refused),
            "that one counted, too"
        );
        pass(60);
        done(service.enter(MARA, PASSWORD, None).await);
        // And then it begins from the start.
        assert!(matches!(service.enter(MARA, OTHER, None).await, SignIn::Refused));
        done(service.enter(MARA, PASSWORD, None).await);
    });
}

#[test]
fn many_guesses_at_once_are_counted_one_by_one() {
    run(|service, _| async move {
        service.owner().await;
        let guesses = (0..5).map(|_| service.enter(MARA, OTHER, None));
        let right = (0..5).map(|_| service.enter(MARA, PASSWORD, None));
        let (wrong, late) = futures_util::join!(
            futures_util::future::join_all(guesses),
            futures_util::future::join_all(right)
        );
        assert!(wrong.iter().chain(&late).all(|answer| matches!(answer, SignIn::Refused)), "{late:?}");
    });
}

#[test]
fn a_new_password_ends_every_other_session_and_turns_this_one() {
    run(|service, _| async move {
        let here = service.owner().await;
        let there = done(service.enter(MARA, PASSWORD, None).await);
        let session = service.session(&here.secret).await.unwrap().unwrap();
        let trace = service.new_trace();
        let easy =
            service.change_password(&session, None, secret(PASSWORD), secret("Mara Lind 1"), trace).await;
        assert!(matches!(easy, Err(Error::Invalid(_))), "{easy:?}");
        let new = service
            .change_password(&session, Some(&here.secret), secret(PASSWORD), secret(OTHER), trace)
            .await;
        let new = new.unwrap().unwrap();
        assert!(service.is_in(&new).await && !service.is_in(&there.secret).await);
        assert!(matches!(service.enter(MARA, PASSWORD, None).await, SignIn::Refused));
        done(service.enter(MARA, OTHER, None).await);
    });
}

#[test]
fn a_code_is_asked_for_once_an_app_makes_them_and_counts_once() {
    run(|service, _| async move {
        let account = service.owner().await.account;
        let trace = service.new_trace();
        let enrolment = service.enrol_totp(account, trace).await.unwrap();
        assert!(enrolment.link.starts_with("otpauth://totp/Tacita:mara%2Elind%40example%2Eorg?secret="));
        let app = TotpSecret::read(&enrolment.secret).unwrap();
        let code = |service: &Service| app.code_at(service.now().seconds());
        let confirm = async |password: &str, code: &str| {
            service.confirm_totp(account, secret(password), None, &enrolment.secret, code, trace).await
        };
        assert!(matches!(confirm(PASSWORD, "000000").await, Err(Error::Wrong)));
        assert!(matches!(confirm(OTHER, &code(&service)).await, Err(Error::Wrong)));
        done(service.enter(MARA, PASSWORD, None).await);
        let recovery = confirm(PASSWORD, &code(&service)).await.unwrap();

        assert!(matches!(service.enter(MARA, PASSWORD, None).await, SignIn::CodeNeeded));
        let used = code(&service);
        assert!(
            matches!(service.enter(MARA, PASSWORD, Some(&used)).await, SignIn::Refused),
            "it was used to begin"
        );
        pass(30);
        let fresh = code(&service);
        assert!(matches!(service.enter(MARA, OTHER, Some(&fresh)).await, SignIn::Refused));
        done(service.enter(MARA, PASSWORD, Some(&fresh)).await);
        assert!(matches!(service.enter(MARA, PASSWORD, Some(&fresh)).await, SignIn::Refused));
        // A recovery code, written as people do.
        let written = recovery[2].to_uppercase().replace('-', " ");
        done(service.enter(MARA, PASSWORD, Some(&written)).await);
        assert!(matches!(service.enter(MARA, PASSWORD, Some(&written)).await, SignIn::Refused));
        let left = service.read_account(account, trace).await.unwrap();
        assert_eq!((left.has_totp, left.recovery_codes), (true, 9));
        let other = service.enrol_totp(account, trace).await.unwrap().secret;
        let theirs = TotpSecret::read(&other).unwrap().code_at(service.now().seconds());
        let replaced = service.confirm_totp(account, secret(PASSWORD), None, &other, &theirs, trace).await;
        assert!(matches!(replaced, Err(Error::Wrong)), "the password alone replaces no app: {replaced:?}");
        let removed = service.remove_totp(account, secret(PASSWORD), Some("000000"), trace).await;
        assert!(matches!(removed, Err(Error::Wrong)), "{removed:?}");
        service.remove_totp(account, secret(PASSWORD), Some(&recovery[3]), trace).await.unwrap();
        done(service.enter(MARA, PASSWORD, None).await);
    });
}

#[test]
fn a_sessions_secret_is_new_after_a_while_and_the_old_one_counts_a_moment_longer() {
    run(|service, _| async move {
        let first = service.owner().await.secret;
        let session = service.session(&first).await.unwrap().unwrap();
        assert!(service.turn_session(&first, &session).await.unwrap().is_none(), "it is young");
        pass(15 * 60);
        let session = service.session(&first).await.unwrap().unwrap();
        let second = service.turn_session(&first, &session).await.unwrap().unwrap();
        assert!(service.is_in(&second).await && service.is_in(&first).await);
        // A request that was under way turns nothing.
        let under_way = service.session(&first).await.unwrap().unwrap();
        assert!(service.turn_session(&first, &under_way).await.unwrap().is_none());
        pass(30);
        assert!(service.is_in(&second).await && !service.is_in(&first).await);
        pass(12 * 60 * 60);
        assert!(!service.is_in(&second).await, "nobody used it");
    });
}

#[test]
fn a_session_lasts_a_fortnight_at_most_however_much_it_is_used() {
    run(|service, _| async move {
        let mut now = service.owner().await.secret;
        for _ in 0..(14 * 24 / 6 - 1) {
            pass(6 * 60 * 60);
            let session = service.session(&now).await.unwrap().unwrap();
            now = service.turn_session(&now, &session).await.unwrap().unwrap();
        }
        pass(6 * 60 * 60);
        assert!(!service.is_in(&now).await);
    });
}

#[test]
fn access_is_renewed_by_each_refresh_token_once_and_a_second_use_ends_the_session() {
    run(|service, caller| async move {
        let session = service.owner().await;
        let trace = service.new_trace();
        let first = service.access(session.account, session.session).await.unwrap();
        let who = service.sign_in(&first.token, trace).await.unwrap().unwrap();
        assert_eq!(who.organisation, caller.organisation);
        assert_eq!(who.actor, Actor::Member(session.account, Role::Owner));
        let first_refresh = first.refresh.unwrap();
        let second = service.renew_access(&first_refresh, trace).await.unwrap().unwrap();
        assert!(service.sign_in(&second.token, trace).await.unwrap().is_some());
        pass(15 * 60);
        assert!(service.sign_in(&first.token, trace).await.unwrap().is_none(), "its time is over");
        let third = service.renew_access(&second.refresh.unwrap(), trace).await.unwrap().unwrap();
        assert!(service.renew_access(&first_refresh, trace).await.unwrap().is_none(), "used twice");
        assert!(service.sign_in(&third.token, trace).await.unwrap().is_none());
        assert!(service.renew_access(&third.refresh.unwrap(), trace).await.unwrap().is_none());
        assert!(!service.is_in(&session.secret).await);
    });
}

#[test]
fn access_ends_with_its_session_and_by_being_revoked() {
    run(|service, _| async move {
        let session = service.owner().await;
        let trace = service.new_trace();
        let access = service.access(session.account, session.session).await.unwrap();
        service.revoke_access(&access.refresh.unwrap()).await.unwrap();
        assert!(service.sign_in(&access.token, trace).await.unwrap().is_none());
        let session = done(service.enter(MARA, PASSWORD, None).await);
        let access = service.access(session.account, session.session).await.unwrap();
        service.end_session(session.account, session.session, trace).await.unwrap();
        assert!(service.sign_in(&access.token, trace).await.unwrap().is_none());
        assert!(service.renew_access(&access.refresh.unwrap(), trace).await.unwrap().is_none());
        // What was never given out is not told apart.
        service.revoke_access("tacita_x").await.unwrap();
        assert!(service.renew_access("x", trace).await.unwrap().is_none());
    });
}

#[test]
fn a_service_gets_access_for_its_token_narrowed_at_most_and_until_it_is_revoked() {
    run(|service, caller| async move {
        service.found_platform().await.unwrap();
        let scope = "record.read record.list".parse().unwrap();
        let organisation = caller.organisation;
        let token = service.create_token(organisation, "shop", Role::Service, scope, None).await.unwrap();
        let trace = service.new_trace();
        let narrowed = Some("record.read record.delete".parse().unwrap());
        let access = service.client_access(token.token, &token.secret, narrowed).await.unwrap().unwrap();
        assert_eq!(access.scope.unwrap().to_string(), "record.read");
        let who = service.sign_in(&access.token, trace).await.unwrap().unwrap();
        assert_eq!((who.organisation, who.actor), (organisation, Actor::Service(token.token, Role::Service)));
        assert_eq!(who.scope.to_string(), "record.read");
        let other = service.create_token(organisation, "other", Role::Service, scope, None).await.unwrap();
        assert!(service.client_access(other.token, &token.secret, None).await.unwrap().is_none());
        service.revoke_token(organisation, token.token).await.unwrap();
        assert!(service.sign_in(&access.token, trace).await.unwrap().is_none());
    });
}

#[test]
fn an_invitation_is_worth_what_whoever_made_it_may_and_is_not_used_up_for_nothing() {
    run(|service, caller| async move {
        let owner = service.owner().await;
        let trace = service.new_trace();
        let session = service.session(&owner.secret).await.unwrap().unwrap();
        let mara = service.caller_in(&session, trace).await.unwrap();
        let link = service.invite(&mara, Role::Owner).await.unwrap().secret;
        let second = service.account_by(link, "jo.berg@example.org").await.unwrap();
        let seconds = service.session(&second.secret).await.unwrap().unwrap();
        let jo = service.caller_in(&seconds, trace).await.unwrap();
        let back = service.invite(&jo, Role::Owner).await.unwrap().secret;
        service.remove_member(&mara, second.account).await.unwrap();
        let refused = service.accept_invitation(second.account, &back, None, trace).await;
        assert!(matches!(refused, Err(Error::NotFound)), "they made it, and are gone: {refused:?}");

        let link = service.invite(&mara, Role::Member).await.unwrap().secret;
        let closed = "@id(\"closed\") forbid (principal, action == Action::\"member.join\", resource);";
        service.set_policies(&caller, closed.to_owned()).await.unwrap();
        let refused = service.accept_invitation(second.account, &link, None, trace).await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        let refused = service.account_by(link.clone(), "mo.young@example.org").await;
        assert!(matches!(refused, Err(Error::Refused(_))), "{refused:?}");
        service.set_policies(&caller, String::new()).await.unwrap();
        service.account_by(link, "mo.young@example.org").await.unwrap();
    });
}

#[test]
fn the_first_owners_link_ends_when_somebody_owns_something() {
    run(|service, caller| async move {
        service.found_platform().await.unwrap();
        let first = service.owner_link().await.unwrap().unwrap().secret;
        let link = service.invite(&caller, Role::Owner).await.unwrap().secret;
        service.account_by(link, MARA).await.unwrap();
        let late = service.account_by(first, "jo.berg@example.org").await;
        assert!(matches!(late, Err(Error::NotFound)), "{late:?}");
    });
}

#[test]
fn members_are_invited_given_roles_and_removed_but_never_the_last_owner() {
    run(|service, caller| async move {
        let owner = service.owner().await;
        let trace = service.new_trace();
        let session = service.session(&owner.secret).await.unwrap().unwrap();
        let mara = service.caller_in(&session, trace).await.unwrap();
        assert!(service.invite(&mara, Role::Service).await.is_err(), "that is for programs");
        let link = service.invite(&mara, Role::Auditor).await.unwrap().secret;
        let taken = service.account_by(link.clone(), MARA).await.unwrap_err();
        assert!(taken.to_string().contains("sign in to it"), "{taken}");
        let jo = service.account_by(link, "jo.berg@example.org").await.unwrap();
        let jos = service.session(&jo.secret).await.unwrap().unwrap();
        let as_auditor = service.caller_in(&jos, trace).await.unwrap();
        assert_eq!(as_auditor.actor, Actor::Member(jo.account, Role::Auditor));
        assert!(matches!(service.members(&as_auditor).await, Err(Error::Refused(_))));
        service.change_role(&mara, jo.account, Role::Officer).await.unwrap();
        let as_officer = service.caller_in(&jos, trace).await.unwrap();
        assert_eq!(as_officer.actor, Actor::Member(jo.account, Role::Officer));
        let refused = service.change_role(&mara, owner.account, Role::Member).await.unwrap_err();
        assert!(refused.to_string().contains("an owner"), "{refused}");
        assert!(service.remove_member(&mara, owner.account).await.is_err());
        service.remove_member(&mara, jo.account).await.unwrap();
        let outside = service.caller_in(&jos, trace).await.unwrap();
        assert_eq!(outside.organisation, OrganisationId::PLATFORM);
        assert!(matches!(service.invite(&outside, Role::Owner).await, Err(Error::Refused(_))));
        // They come back by another invitation, with the account that they have.
        let link = service.invite(&mara, Role::Member).await.unwrap().secret;
        let joined = service.accept_invitation(jo.account, &link, None, trace).await.unwrap();
        assert_eq!(joined, caller.organisation);
        assert_eq!(service.members(&mara).await.unwrap().len(), 2);
    });
}
