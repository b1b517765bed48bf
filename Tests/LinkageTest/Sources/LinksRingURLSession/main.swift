import RingURLSession

print("RingURLSession is importable alone")
