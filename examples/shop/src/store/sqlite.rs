//! SQLite, by r2d2. Both block, so they run in tokio's threads for that.

use std::sync::Mutex;
use std::time::Duration;

use perf_runtime::sql;
use r2d2::Pool;
use r2d2_sqlite::SqliteConnectionManager;
use r2d2_sqlite::rusqlite::{Error, Params, Row};
use tempfile::TempDir;
use tokio::task::spawn_blocking;

use super::{POOL, connections, tables};
use crate::problem::Problem;

pub(crate) struct Sqlite {
    pool: Pool<SqliteConnectionManager>,
    /// The database lies in it. No static is dropped, so [`Sqlite::remove`] takes it out.
    folder: Mutex<Option<TempDir>>,
}

impl Sqlite {
    pub(super) async fn open() -> Result<Sqlite, Problem> {
        let folder = tempfile::tempdir()?;
        let manager = SqliteConnectionManager::file(folder.path().join("shop.sqlite")).with_init(|connection| {
            connection.busy_timeout(Duration::from_secs(10))?;
            // Readers do not wait for whoever writes; and nothing here must outlive a power cut.
            connection.execute_batch("PRAGMA journal_mode = WAL; PRAGMA synchronous = OFF")
        });
        let pool = spawn_blocking(move || -> Result<_, Problem> {
            let pool = Pool::builder().max_size(connections()).build(manager)?;
            let mut connection = pool.get()?;
            let transaction = connection.transaction()?;
            for statement in tables("INTEGER PRIMARY KEY") {
                transaction.execute(&statement, ())?;
            }
            transaction.commit()?;
            Ok(pool)
        });
        Ok(Sqlite { pool: pool.await??, folder: Mutex::new(Some(folder)) })
    }

    /// Removes the database, which nobody uses any more.
    pub(super) fn remove(&self) {
        let folder = self.folder.lock().ok().and_then(|mut folder| folder.take());
        if let Some(Err(error)) = folder.map(TempDir::close) {
            eprintln!("the folder of the database is left: {error}");
        }
    }

    /// The rows that a statement returns.
    pub(super) async fn rows<T>(
        &self,
        statement: &'static str,
        values: impl Params + Send + 'static,
    ) -> Result<Vec<T>, Problem>
    where
        T: for<'row> TryFrom<&'row Row<'row>, Error = Error> + Send + 'static,
    {
        let pool = self.pool.clone();
        let get = async {
            match pool.try_get() {
                Some(connection) => Ok(connection),
                // None is free: this blocks.
                None => Ok::<_, Problem>(spawn_blocking(move || pool.get()).await??),
            }
        };
        let connection = sql::connection_async(POOL, get).await?;
        let run = spawn_blocking(move || {
            let mut prepared = connection.prepare_cached(statement)?;
            prepared.query_map(values, |row| T::try_from(row))?.collect::<Result<Vec<T>, Error>>()
        });
        Ok(sql::query_rows_async(statement, run).await??)
    }
}
