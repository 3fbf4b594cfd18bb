"""What the trials say, as tables.

What is compared was fixed before the seeds that count were run (0 and up; pilots had seed 100):

stop      test accuracy of the probe on the last layer minus that on the border layer, the first
          that is unproductive. The claim holds if the 95 % interval ends below one point.
border    the probe on the border layer minus that on the layer before it: a verdict that is right
          to the layer would have nothing here.
knee      the first layer whose probe is within one point of the best: where is it, from the border?
control   the gain of the layers that are unproductive at a size and productive at twice the size:
          there minus here, the same seeds.
repair    accuracy of the repaired network minus that of the original, the same seeds and images.
"""
def summarise(rows): return f"{len(rows)} rows\n"
