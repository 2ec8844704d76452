//! Members of organisations.

use tacita_domain::{AccountId, OrganisationId, Role, SubjectId, Timestamp};
use tacita_vault::{Place, Sealed};

use crate::{Error, Reading, Row, Spanning, Writing, queries, subjects, system_queries};

queries! {
    INSERT = "INSERT INTO members (organisation, account, subject, role, since, profile) VALUES ($1, $2, $3, $4, $5, $6)";
    FIND = "SELECT account, subject, role, since, profile FROM members WHERE organisation = $1 AND account = $2";
    ALL = "SELECT account, subject, role, since, profile FROM members WHERE organisation = $1 ORDER BY account";
    OWNERS = "SELECT count(*) FROM members WHERE organisation = $1 AND role = $2";
    // Whoever takes an owner away waits for whoever else does.
    TAKE_TURNS = "UPDATE organisations SET name = name WHERE organisation = $1";
    CHANGE = "UPDATE members SET role = $3 WHERE organisation = $1 AND account = $2";
    DELETE = "DELETE FROM members WHERE organisation = $1 AND account = $2";
}
system_queries! {
    OF_ACCOUNT = "SELECT m.organisation, o.name, m.role FROM members m JOIN organisations o ON o.organisation = m.organisation \
                  WHERE m.account = $1 ORDER BY m.organisation";
    ANY_OWNER = "SELECT account FROM members WHERE role = $1 LIMIT 1";
}

/// A member as they lie in the database.
#[derive(Clone, Debug)]
pub struct Member {
    /// Whose account it is.
    pub account: AccountId,
    /// Who they are among the organisation's data subjects.
    pub subject: SubjectId,
    /// What they are to the organisation.
    pub role: Role,
    /// Since when.
    pub since: Timestamp,
    /// Address and name, as the organisation has them, sealed with the key they have there.
    pub profile: Sealed,
}

/// An organisation to which an account belongs.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Membership {
    /// Which one.
    pub organisation: OrganisationId,
    /// What it is called.
    pub name: String,
    /// In which role.
    pub role: Role,
}

/// Where the profile of a member lies.
#[must_use]
pub const fn sealed_at(organisation: OrganisationId, account: &AccountId) -> Place<'_> {
    Place { organisation, table: "members", column: "profile", row: account.as_bytes() }
}

/// Keeps a new member.
///
/// # Errors
/// [`Error::Exists`] when they are one.
pub fn insert(tx: &mut Writing<'_>, member: &Member) -> Result<(), Error> {
    let Member { account, subject, role, since, profile } = member;
    subjects::ensure(tx, *subject, *since)?;
    let values =
        [account.into(), subject.into(), role.as_str().into(), (*since).into(), profile.as_bytes().into()];
    tx.execute(INSERT, &values).map(drop)
}

/// The member whose account it is.
///
/// # Errors
/// When the database can't answer.
pub fn find(tx: &mut Reading<'_>, account: AccountId) -> Result<Option<Member>, Error> {
    tx.query_one(FIND, &[(&account).into()], read)
}

/// Every member, by account.
///
/// # Errors
/// When the database can't answer.
pub fn all(tx: &mut Reading<'_>) -> Result<Vec<Member>, Error> {
    tx.query(ALL, &[], read)
}

/// Gives a member another role.
///
/// # Errors
/// [`Error::NotFound`] when they are no member, [`Error::LastOwner`] when no owner would be left.
pub fn change(tx: &mut Writing<'_>, account: AccountId, role: Role) -> Result<(), Error> {
    tx.execute_one(TAKE_TURNS, &[])?;
    let before = find(tx, account)?.ok_or(Error::NotFound)?;
    tx.execute_one(CHANGE, &[(&account).into(), role.as_str().into()])?;
    still_owned(tx, before.role)
}

/// Ends somebody's membership.
///
/// # Errors
/// [`Error::NotFound`] when they are no member, [`Error::LastOwner`] when no owner would be left.
pub fn delete(tx: &mut Writing<'_>, account: AccountId) -> Result<(), Error> {
    tx.execute_one(TAKE_TURNS, &[])?;
    let before = find(tx, account)?.ok_or(Error::NotFound)?;
    tx.execute_one(DELETE, &[(&account).into()])?;
    still_owned(tx, before.role)
}

/// Refuses to take the last owner away. One that programs alone work for has had none.
fn still_owned(tx: &mut Writing<'_>, before: Role) -> Result<(), Error> {
    if before != Role::Owner {
        return Ok(());
    }
    match tx.query_one(OWNERS, &[Role::Owner.as_str().into()], |row| row.get::<i64>(0))? {
        Some(1..) => Ok(()),
        _ => Err(Error::LastOwner),
    }
}

/// The organisations to which an account belongs.
///
/// # Errors
/// When the database can't answer.
pub fn of_account(tx: &mut Spanning<'_>, account: AccountId) -> Result<Vec<Membership>, Error> {
    tx.query(OF_ACCOUNT, &[(&account).into()], |row| {
        Ok(Membership { organisation: row.get(0)?, name: row.get(1)?, role: role(&row.get::<String>(2)?)? })
    })
}

/// Whether any organisation has an owner.
///
/// # Errors
/// When the database can't answer.
pub fn any_owner(tx: &mut Spanning<'_>) -> Result<bool, Error> {
    Ok(!tx.query(ANY_OWNER, &[Role::Owner.as_str().into()], |_| Ok(()))?.is_empty())
}

fn read(row: &Row<'_>) -> Result<Member, Error> {
    Ok(Member {
        account: row.get(0)?,
        subject: row.get(1)?,
        role: role(&row.get::<String>(2)?)?,
        since: row.get(3)?,
        profile: Sealed::parse(row.get(4)?)
            .map_err(|_| Error::Corrupt("the profile of a member is no sealed value"))?,
    })
}

fn role(text: &str) -> Result<Role, Error> {
    Role::parse(text).ok_or(Error::Corrupt("a member has no known role"))
}
