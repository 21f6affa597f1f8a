//! Encrypting again, with the key that seals now, what another key sealed. ASVS 11.2.2.

use std::sync::Arc;

use crate::db::{Db, Fault};
use crate::models::factors::{self, secret_place};
use crate::models::hardware_tokens;
use crate::models::outbox_messages::{self, payload_place};
use crate::models::self_resets::{self, document_place};
use crate::secrets::KeyRing;

/// Rows per transaction: short enough that sign-ins do not wait for it.
const BATCH: i64 = 200;

/// What became of the rows of one table.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Counts {
    pub resealed: usize,
    /// Their key is not in the file, or they are damaged. They were left alone.
    pub unreadable: usize,
}

/// A row under its place: id, key and bytes.
struct Row {
    id: String,
    key_id: Option<String>,
    bytes: Option<Vec<u8>>,
}

/// The secrets of authenticators and hardware tokens, waiting messages, and names under review, in this
/// order.
pub async fn reseal(db: &Db, keys: &Arc<KeyRing>) -> Result<(Counts, Counts, Counts), Fault> {
    let factors = table(
        db,
        keys,
        |conn, key_id, after| {
            let rows = factors::list_sealed_otherwise(conn, key_id, after, BATCH)?;
            Ok(rows.into_iter().map(|r| Row { id: r.id, key_id: r.secret_key_id, bytes: r.secret }).collect())
        },
        secret_place,
        factors::reseal,
    );
    let factors = factors.await?;
    let tokens = table(
        db,
        keys,
        |conn, key_id, after| {
            let rows = hardware_tokens::list_sealed_otherwise(conn, key_id, after, BATCH)?;
            Ok(rows
                .into_iter()
                .map(|r| Row { id: r.id, key_id: Some(r.secret_key_id), bytes: Some(r.secret) })
                .collect())
        },
        hardware_tokens::secret_place,
        hardware_tokens::reseal,
    );
    let tokens = tokens.await?;
    let factors =
        Counts { resealed: factors.resealed + tokens.resealed, unreadable: factors.unreadable + tokens.unreadable };
    let messages = table(
        db,
        keys,
        |conn, key_id, after| {
            let rows = outbox_messages::list_sealed_otherwise(conn, key_id, after, BATCH)?;
            Ok(rows.into_iter().map(|r| Row { id: r.id, key_id: r.payload_key_id, bytes: r.payload }).collect())
        },
        payload_place,
        outbox_messages::reseal,
    );
    let messages = messages.await?;
    let documents = table(
        db,
        keys,
        |conn, key_id, after| {
            let rows = self_resets::list_sealed_otherwise(conn, key_id, after, BATCH)?;
            Ok(rows.into_iter().map(|r| Row { id: r.id, key_id: r.document_key_id, bytes: r.document }).collect())
        },
        document_place,
        self_resets::reseal,
    );
    Ok((factors, messages, documents.await?))
}

type List = fn(&mut crate::db::DbConnection, &str, &str) -> Result<Vec<Row>, Fault>;
type Reseal = fn(&mut crate::db::DbConnection, &str, &[u8], &[u8], &str) -> crate::models::QueryResult<bool>;

async fn table(
    db: &Db,
    keys: &Arc<KeyRing>,
    list: List,
    place: fn(&str) -> String,
    reseal: Reseal,
) -> Result<Counts, Fault> {
    let mut counts = Counts::default();
    let mut after = Some(String::new());
    while let Some(from) = after {
        let keys = keys.clone();
        let batch = db.write(move |conn| -> Result<_, Fault> {
            let rows = list(conn, keys.current_id(), &from)?;
            let mut counts = Counts::default();
            for row in &rows {
                let (Some(key_id), Some(bytes)) = (&row.key_id, &row.bytes) else { continue };
                let place = place(&row.id);
                let Ok(plain) = keys.open(&place, key_id, bytes) else {
                    tracing::error!(place, key_id, "this row does not open and was left alone");
                    counts.unreadable += 1;
                    continue;
                };
                let sealed = keys.seal(&place, &plain)?;
                if reseal(conn, &row.id, bytes, &sealed.bytes, &sealed.key_id)? {
                    counts.resealed += 1;
                }
            }
            Ok((counts, rows.last().map(|row| row.id.clone())))
        });
        let (done, last) = batch.await?;
        counts.resealed += done.resealed;
        counts.unreadable += done.unreadable;
        after = last;
    }
    Ok(counts)
}
