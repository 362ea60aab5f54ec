export { RedisServer, type RedisServerOptions, redisServerBinary } from "./redis-server.ts";
