//! The statements, the same for SQLite and PostgreSQL.

/// The tables; `KEY` is the type of a key that the database chooses.
pub(crate) const TABLES: &[&str] = &[
    "DROP TABLE IF EXISTS orders",
    "DROP TABLE IF EXISTS customers",
    "DROP TABLE IF EXISTS products",
    "CREATE TABLE products (id KEY, name TEXT NOT NULL, cents BIGINT NOT NULL)",
    "CREATE TABLE customers (id KEY, name TEXT NOT NULL, email TEXT NOT NULL)",
    "CREATE TABLE orders (id KEY, customer_id BIGINT NOT NULL, product_id BIGINT NOT NULL, cents BIGINT NOT NULL)",
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 400)
     INSERT INTO products (name, cents) SELECT 'Product ' || n, 100 + n % 50 * 10 FROM numbers",
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 50000)
     INSERT INTO customers (name, email) SELECT 'Customer ' || n, 'customer' || n || '@example.com' FROM numbers",
    "WITH RECURSIVE numbers(n) AS (SELECT 1 UNION ALL SELECT n + 1 FROM numbers WHERE n < 4000)
     INSERT INTO orders (customer_id, product_id, cents) SELECT 1 + n % 200, 1 + n * 7 % 400, 500 FROM numbers",
    "CREATE INDEX orders_by_customer ON orders (customer_id, id)",
];

/// Customers are found by their address; not in the tables where that fault is planted.
pub(crate) const INDEX: &str = "CREATE INDEX customers_by_email ON customers (email)";

pub(crate) const PRODUCTS: &str = "SELECT id, name, cents FROM products";
pub(crate) const PRICE: &str = "SELECT cents FROM products WHERE id = $1";
pub(crate) const PRODUCT_NAME: &str = "SELECT name FROM products WHERE id = $1";
pub(crate) const CUSTOMER: &str = "SELECT id, name FROM customers WHERE email = $1";
pub(crate) const ORDERS: &str =
    "SELECT id, product_id, cents FROM orders WHERE customer_id = $1 ORDER BY id DESC LIMIT 20";
pub(crate) const ORDERS_WITH_NAMES: &str = "SELECT orders.id, products.name, orders.cents FROM orders \
     JOIN products ON products.id = orders.product_id WHERE orders.customer_id = $1 ORDER BY orders.id DESC LIMIT 20";
pub(crate) const NEW_ORDER: &str =
    "INSERT INTO orders (customer_id, product_id, cents) VALUES ($1, $2, $3) RETURNING id";
