-- The requests that `wrk` sends: in turns pages of products, customers, lists of orders, new orders and, now and then, a payment.
local number = 0

function request()
  number = number + 1
  local customer, product = 1 + number % 200, 1 + number * 7 % 400
  local turn = number % 20
  if turn == 0 then
    return wrk.format("POST", "/payments/" .. 1 + number % 4000)
  elseif turn < 5 then
    return wrk.format("POST", "/orders/" .. customer .. "/" .. product)
  elseif turn < 10 then
    return wrk.format("GET", "/orders/" .. customer)
  elseif turn < 15 then
    return wrk.format("GET", "/customers/customer" .. 1 + number * 37 % 50000 .. "@example.com")
  end
  return wrk.format("GET", "/products/" .. product)
end
