//! The ceiling for a signed-in page: actix-web, one indexed look-up on SQLite off the async threads,
//! and a line of text. A process of its own, so that its processor time can be told apart.

use std::path::Path;

use actix_web::{App, HttpResponse, HttpServer, error, web};
use diesel::connection::SimpleConnection;
use diesel::prelude::*;
use diesel::r2d2::{ConnectionManager, Pool};

use super::Failure;
use super::child::Served;

type Connections = Pool<ConnectionManager<SqliteConnection>>;

diesel::table! {
    people (id) {
        id -> Text,
        name -> Text,
    }
}

/// The process, and where it listens.
pub struct Bare {
    process: Served,
    pub url: String,
}

impl Bare {
    pub fn start() -> Result<Self, Failure> {
        let (process, mut lines) = Served::start(tempfile::tempdir()?, |command, folder| {
            command.arg("--bare").arg(folder.join("bare.sqlite"));
        })?;
        let url = lines.next().ok_or("the bare look-up ended at once")??;
        Ok(Self { process, url: url.trim().to_owned() })
    }

    pub fn pid(&self) -> u32 {
        self.process.pid()
    }
}

/// Serves until it is killed, with as many workers and connections as the portal has.
pub async fn serve(file: &Path) -> Result<(), Failure> {
    let workers = std::thread::available_parallelism()?.get();
    let manager = ConnectionManager::<SqliteConnection>::new(file.to_string_lossy());
    let pool: Connections = Pool::builder().max_size(4).build(manager)?;
    let mut rows =
        String::from("PRAGMA journal_mode = WAL; CREATE TABLE people (id TEXT PRIMARY KEY, name TEXT NOT NULL);");
    for n in 0..1_000 {
        rows.push_str(&format!("INSERT INTO people VALUES ('{n}', 'Person {n}');"));
    }
    pool.get()?.batch_execute(&rows)?;
    let server = HttpServer::new(move || {
        App::new().app_data(web::Data::new(pool.clone())).route("/people/{id}", web::get().to(person))
    })
    .workers(workers)
    .bind(("127.0.0.1", 0))?;
    println!("http://{}", server.addrs().first().ok_or("no address")?);
    Ok(server.run().await?)
}

async fn person(pool: web::Data<Connections>, id: web::Path<String>) -> actix_web::Result<HttpResponse> {
    let name = web::block(move || -> Result<String, Failure> {
        Ok(people::table.find(id.as_str()).select(people::name).first(&mut *pool.get()?)?)
    })
    .await?
    .map_err(error::ErrorInternalServerError)?;
    Ok(HttpResponse::Ok().content_type("text/html; charset=utf-8").body(format!("<p>Hello {name}</p>")))
}
