-- What nginx does for scripts/test-receivers: keeps each body in a file, then answers: 204, or for _bulk as Elasticsearch does
-- where every item was created.
local ffi = require "ffi"

ffi.cdef [[
typedef struct {
	const uint8_t *next_in; unsigned avail_in; unsigned long total_in;
	uint8_t *next_out; unsigned avail_out; unsigned long total_out;
	const char *msg; void *state; void *zalloc; void *zfree; void *opaque;
	int data_type; unsigned long adler; unsigned long reserved;
} z_stream;
int inflateInit2_(z_stream *stream, int window_bits, const char *version, int size);
int inflate(z_stream *stream, int flush);
int inflateEnd(z_stream *stream);
int link(const char *from, const char *to);
]]
local zlib = ffi.load "libz.so.1"
local gzip, stream_end = 15 + 16, 1
local piece_length = 1024 * 1024
local piece = ffi.new("uint8_t[?]", piece_length)

-- The pieces of what was compressed; nothing: it is not gzip, or ends too early.
local function unpacked(body)
	local stream = ffi.new "z_stream"
	if zlib.inflateInit2_(stream, gzip, "1.2.11", ffi.sizeof "z_stream") ~= 0 then return end
	stream.next_in = ffi.cast("const uint8_t *", body)
	stream.avail_in = #body
	local pieces, code = {}, 0
	while code == 0 do
		stream.next_out, stream.avail_out = piece, piece_length
		code = zlib.inflate(stream, 0)
		pieces[#pieces + 1] = ffi.string(piece, piece_length - stream.avail_out)
	end
	zlib.inflateEnd(stream)
	if code == stream_end then return table.concat(pieces) end
end

return function()
	ngx.req.read_body()
	-- The file that the body is in goes with the request; under this name it stays.
	local path = ngx.req.get_body_file()
	if not path or ffi.C.link(path, path .. "." .. ngx.worker.pid() .. ".kept") ~= 0 then ngx.exit(500) end
	if not ngx.var.uri:find "/_bulk$" then ngx.exit(204) end
	local file = io.open(path, "rb")
	local body = file:read "*a"
	file:close()
	if ngx.req.get_headers()["content-encoding"] == "gzip" then body = unpacked(body) end
	if not body then ngx.exit(400) end
	local items, isCreate = {}, true
	for line in body:gmatch "([^\n]*)\n" do
		if isCreate and line:sub(1, 11) ~= '{"create":{' then ngx.exit(400) end
		if isCreate then items[#items + 1] = '{"create":{"status":201}}' end
		isCreate = not isCreate
	end
	ngx.header["Content-Type"] = "application/json"
	ngx.print('{"errors":false,"items":[' .. table.concat(items, ",") .. "]}")
end
